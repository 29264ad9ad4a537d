// SPDX-License-Identifier: Apache-2.0
/* embed OUT.c ROOT FILE...: write a C file with the content of every FILE, named relative to ROOT, sorted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_A_LINE = 24 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void embed_bytes(FILE *out, size_t index, const char *path)
{
	FILE *in = fopen(path, "rb");
	int c;

	if (!in)
		die(path);
	fprintf(out, "static const char file_%zu[] = {", index);
	for (size_t i = 0; (c = getc(in)) != EOF; i++)
		fprintf(out, "%s%d,", i % BYTES_A_LINE == 0 ? "\n\t" : "", (signed char)c);
	if (ferror(in))
		die(path);
	fprintf(out, "0\n};\n");
	fclose(in);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
	size_t count = argc > 3 ? (size_t)argc - 3 : 0;
	char **files = argv + 3;
	size_t root;
	FILE *out;

	if (argc < 3) {
		fprintf(stderr, "usage: embed OUT.c ROOT FILE...\n");
		return 1;
	}
	root = strlen(argv[2]) + 1;
	qsort(files, count, sizeof(*files), by_path);
	out = fopen(argv[1], "w");
	if (!out)
		die(argv[1]);
	fprintf(out, "/* Generated from data/; do not edit. */\n#include \"base/embedded.h\"\n");
	for (size_t i = 0; i < count; i++)
		embed_bytes(out, i, files[i]);
	fprintf(out, "const struct sw__embedded sw__embedded_files[] = {\n");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "\t{\"%s\", file_%zu, sizeof(file_%zu) - 1},\n", files[i] + root, i,
			i);
	fprintf(out, "\t{0, 0, 0},\n};\nconst size_t sw__embedded_count = %zu;\n", count);
	if (fclose(out) != 0)
		die(argv[1]);
	return 0;
}
