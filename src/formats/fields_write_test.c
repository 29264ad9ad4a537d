// SPDX-License-Identifier: Apache-2.0
#include "formats/fields_write.h"

#include <stdlib.h>

#include "check.h"

struct thing {
	double number;
	unsigned count;
	bool truth;
	int choice;
	char name[16];
};

static const char *const choices[] = {"red", "green", NULL};

#define AT(member) .key = #member, .offset = offsetof(struct thing, member)

static const struct sw_field fields[] = {
	{AT(number), .type = SW_FIELD_NUMBER, .min = -1e300, .max = 1e300, .given_bit = 1},
	{AT(count), .type = SW_FIELD_UINT, .max = 4e9},
	{AT(truth), .type = SW_FIELD_BOOL},
	{AT(choice), .type = SW_FIELD_CHOICE, .choices = choices},
	{AT(name), .type = SW_FIELD_NAME, .capacity = 16},
};

static char *text_of(const struct thing *thing, unsigned given)
{
	bool ok = true;
	json_t *object = sw__fields_json(fields, 5, thing, given, &ok);
	char *text = json_dumps(object, JSON_COMPACT);

	CHECK(ok);
	json_decref(object);
	return text;
}

TEST(what_is_written_is_read_as_it_was)
{
	static const double numbers[] = {0.1, -1.0 / 3, 5e-324, 1e300, 9007199254740993.0, 3};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct thing thing = {numbers[i], 4000000000U, true, 1, "a \"name\""}, again = {0};
		char *text = text_of(&thing, 1);
		struct sw_document *document;

		CHECK_INT(
			sw_document_parse(text, strlen(text), "t", SW_FORMAT_JSON, &document, NULL),
			SW_OK);
		CHECK_INT(sw_node_read(sw_document_root(document), fields, 5, false, &again, NULL,
				       NULL, NULL),
			  SW_OK);
		CHECK_NEAR(again.number, thing.number, 0);
		CHECK(again.count == thing.count && again.truth && again.choice == 1);
		CHECK_STR(again.name, thing.name);
		sw_document_free(document);
		free(text);
	}
}

TEST(what_says_nothing_is_left_out)
{
	struct thing thing = {NAN, 7, false, 0, ""};
	char *text = text_of(&thing, 1);

	CHECK_STR(text, "{\"count\":7,\"truth\":false,\"choice\":\"red\"}");
	free(text);
	thing.number = 2;
	text = text_of(&thing, 0);
	CHECK_STR(text, "{\"count\":7,\"truth\":false,\"choice\":\"red\"}");
	free(text);
	text = text_of(&thing, 1);
	CHECK_STR(text, "{\"number\":2,\"count\":7,\"truth\":false,\"choice\":\"red\"}");
	free(text);
}

TEST_MAIN()
