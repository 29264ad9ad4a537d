// SPDX-License-Identifier: Apache-2.0
/* Endpoints in this process, on the fake GPU of tests/emulate; how clients see them is tested there. */
#include "slicewise/emulate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "emulate/emulate_on.h"
#include "fake_gpu.h"

static const char mix_text[] = "gpu: a100-sxm4-80gb\nmechanism: mps\ntenants:\n"
			       "  - {name: a, model: qwen3-0.6b, share: 1, memory_gib: 20, engine: "
			       "{max_model_len: 4096},\n"
			       "     load: {rate: 1, prompt_tokens: 10, output_tokens: 5}}\n"
			       "  - {name: b, model: qwen3-1.7b, share: 1, memory_gib: 20, engine: "
			       "{max_model_len: 4096},\n"
			       "     load: {rate: 1, prompt_tokens: 10, output_tokens: 5}}\n";

static sw_catalog *catalog;
static struct sw_mix *mix;

TEST(a_mix_is_there)
{
	static const char path[] = "emulate-test-mix.yaml";

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	CHECK_INT(sw_file_write(path, mix_text, strlen(mix_text), NULL), SW_OK);
	CHECK_INT(sw_mix_load(catalog, path, &mix, NULL), SW_OK);
	CHECK_INT(unlink(path), 0);
}

/* What a server says to a request until it closes. Static. */
static const char *ask(const char *url, const char *request)
{
	static char said[65536];
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd wait = {.fd = s, .events = POLLIN};
	size_t size = 0;

	CHECK_INT(connect(s, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK(send(s, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request));
	while (size < sizeof(said) - 1 && poll(&wait, 1, 5000) > 0) {
		ssize_t n = recv(s, said + size, sizeof(said) - 1 - size, 0);

		if (n <= 0)
			break;
		size += (size_t)n;
	}
	said[size] = '\0';
	(void)close(s);
	return said;
}

#define CLOSE "Host: x\r\nConnection: close\r\n"

static const char *complete(const char *url, const char *body)
{
	char request[1024];

	(void)snprintf(request, sizeof(request),
		       "POST /v1/completions HTTP/1.1\r\n" CLOSE "Content-Length: %zu\r\n\r\n%s",
		       strlen(body), body);
	return ask(url, request);
}

static const char short_stream[] = "{\"prompt\": \"hello\", \"stream\": true}";

TEST(endpoints_serve_and_stop)
{
	struct sw_emulate_endpoint endpoint;
	sw_emulation *emulation = NULL;
	const char *said;

	CHECK_INT(sw__emulate_start_on(&fake_gpu, mix, NULL, &emulation, NULL), SW_OK);
	sw_emulate_endpoint(emulation, 1, &endpoint);
	CHECK_STR(endpoint.name, "b");
	CHECK_STR(endpoint.model, "qwen3-1.7b");
	CHECK(!endpoint.region);
	said = complete(endpoint.url, short_stream);
	CHECK(strstr(said, " 200 OK") && strstr(said, "data: [DONE]"));
	said = ask(endpoint.url, "GET /metrics HTTP/1.1\r\n" CLOSE "\r\n");
	CHECK(strstr(said,
		     "vllm:generation_tokens_total{engine=\"0\",model_name=\"qwen3-1.7b\"} 5.0"));
	CHECK_INT(sw_emulate_status(emulation, NULL), SW_OK);
	sw_emulate_stop(emulation);
	sw_emulate_stop(NULL);
}

TEST(settings_are_checked)
{
	struct sw_emulate_settings settings = sw_emulate_defaults();
	sw_emulation *emulation;
	struct sw_error err;

	settings.speed = 0;
	CHECK_INT(sw__emulate_start_on(&fake_gpu, mix, &settings, &emulation, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "speed"));
	settings = sw_emulate_defaults();
	settings.port = 65535;
	CHECK_INT(sw__emulate_start_on(&fake_gpu, mix, &settings, &emulation, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "at most 65534 for 2 engines"));
	settings = sw_emulate_defaults();
	settings.regions = "/tmp";
	CHECK_INT(sw__emulate_start_on(&fake_gpu, mix, &settings, &emulation, &err), SW_BAD_INPUT);
	CHECK(!emulation);
}

static enum sw_status advance_until_worn(sw_sim *sim, double to_s, struct sw_error *err)
{
	if (to_s > 0.3)
		return sw_fail(err, SW_NO_MEMORY, "worn out");
	return fake_gpu.advance(sim, to_s, err);
}

TEST(a_simulator_that_fails_is_told_and_clients_are_cut)
{
	struct sw__gpu_ops ops = fake_gpu;
	struct sw_emulate_endpoint endpoint;
	sw_emulation *emulation;
	struct sw_error err = {SW_OK, ""};

	ops.advance = advance_until_worn;
	CHECK_INT(sw__emulate_start_on(&ops, mix, NULL, &emulation, NULL), SW_OK);
	sw_emulate_endpoint(emulation, 0, &endpoint);
	CHECK(!strstr(complete(endpoint.url,
			       "{\"prompt\": \"hello\", \"max_tokens\": 90, \"ignore_eos\": true}"),
		      " 200 OK"));
	CHECK(strstr(ask(endpoint.url, "GET /health HTTP/1.1\r\n" CLOSE "\r\n"), " 503 "));
	CHECK(strstr(complete(endpoint.url, short_stream), " 503 "));
	CHECK_INT(sw_emulate_status(emulation, &err), SW_NO_MEMORY);
	CHECK_STR(err.message, "worn out");
	sw_emulate_stop(emulation);
}

TEST(the_mix_goes)
{
	sw_mix_free(mix);
	sw_catalog_free(catalog);
}

TEST_MAIN()
