// SPDX-License-Identifier: Apache-2.0
#include "observe/scraper.h"

#include <math.h>

#include "check.h"
#include "net/http_client.h"
#include "net/http_fixture.h"

#define ANSWER(length, body) \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " length "\r\n\r\n" body

enum { TARGETS_MAX = 16 };

static struct sw_error err;

static struct {
	unsigned answered[TARGETS_MAX], failed[TARGETS_MAX];
	char body[TARGETS_MAX][64], why[TARGETS_MAX][128];
	uint64_t first_ns[TARGETS_MAX];
} seen;

static void on_answer(void *context, const struct sw__scraped_answer *a)
{
	(void)context;
	seen.answered[a->target] += a->body != NULL;
	seen.failed[a->target] += a->body == NULL;
	if (!seen.first_ns[a->target])
		seen.first_ns[a->target] = a->asked_ns;
	if (a->body)
		(void)snprintf(seen.body[a->target], sizeof(seen.body[0]), "%s", a->body);
	else
		(void)snprintf(seen.why[a->target], sizeof(seen.why[0]), "%s", a->why);
}

static struct sw__scraper_counts scrape(const struct sw__scrape_target *targets, size_t n,
					double interval_s, double timeout_s, double for_s)
{
	struct sw__scraper_settings settings = {interval_s, timeout_s, on_answer, NULL};
	struct sw__scraper_counts counts = {0};
	sw__scraper *scraper;

	memset(&seen, 0, sizeof(seen));
	CHECK_INT(sw__scraper_new(targets, n, &settings, &scraper, &err), SW_OK);
	if (!scraper)
		return counts;
	sw__scraper_poll(scraper, sw__http_now_ns() + (uint64_t)(for_s * 1e9));
	counts = sw__scraper_counts(scraper);
	sw__scraper_free(scraper);
	return counts;
}

TEST(each_is_asked_once_an_interval_and_one_that_hangs_holds_up_nobody)
{
	static const struct said says[] = {{0, ANSWER("3", "x 1"), 1}, {0, NULL, 0}};
	static const struct said hangs[] = {{60000, "", 1}, {0, NULL, 0}};
	struct spoken *good = spoken_new(says, true), *silent = spoken_new(hangs, false);
	struct sw__scrape_target targets[] = {{good->url, NULL}, {silent->url, NULL}};
	struct sw__scraper_counts counts = scrape(targets, 2, 0.1, 0.35, 1.05);

	CHECK(seen.answered[0] >= 5 && seen.answered[0] <= 11);
	CHECK_STR(seen.body[0], "x 1");
	CHECK_INT(seen.failed[0], 0);
	CHECK(seen.failed[1] >= 1);
	CHECK(strstr(seen.why[1], "time") != NULL);
	CHECK(counts.skipped >= 2);
	CHECK_INT(counts.answered, seen.answered[0]);
	CHECK_INT(counts.failed, seen.failed[1]);
	CHECK(counts.asked >= counts.answered + counts.failed);
	spoken_end(good);
	spoken_end(silent);
}

/* Half an answer, another status, nobody there: none of it is an answer, and each says why. */
TEST(what_is_no_answer_says_why)
{
	static const struct said cut[] = {{0, ANSWER("30", "x 1"), 1}, {0, NULL, 0}};
	static const struct said refuses[] = {
		{0, "HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno", 1}, {0, NULL, 0}};
	struct spoken *half = spoken_new(cut, false), *busy = spoken_new(refuses, false);
	struct spoken *gone = spoken_new(cut, false);
	struct sw__scrape_target targets[] = {
		{half->url, NULL}, {busy->url, NULL}, {gone->url, NULL}};

	spoken_end(gone);
	(void)scrape(targets, 3, 0.2, 1, 0.5);
	for (size_t i = 0; i < 3; i++)
		CHECK(seen.answered[i] == 0 && seen.failed[i] > 0 && seen.why[i][0]);
	CHECK_STR(seen.why[1], "status 503");
	spoken_end(half);
	spoken_end(busy);
}

TEST(moments_are_spread_over_the_interval)
{
	static const struct said says[] = {{0, ANSWER("3", "x 1"), 1}, {0, NULL, 0}};
	struct spoken *server = spoken_new(says, true);
	struct sw__scrape_target targets[8];

	for (size_t i = 0; i < 8; i++)
		targets[i] = (struct sw__scrape_target){server->url, NULL};
	(void)scrape(targets, 8, 0.8, 0.5, 0.8);
	for (size_t i = 0; i < 8; i++)
		CHECK_INT(seen.answered[i] + seen.failed[i], 1);
	/* Never before its moment; how much later is the machine's affair. */
	for (size_t i = 1; i < 8; i++)
		CHECK((double)(seen.first_ns[i] - seen.first_ns[0]) >= 0.1e9 * (double)i - 1e6);
	spoken_end(server);
}

TEST(a_token_goes_with_the_question)
{
	static const struct said says[] = {{0, ANSWER("3", "x 1"), 1}, {0, NULL, 0}};
	struct spoken *server = spoken_new(says, true);
	struct sw__scrape_target target = {server->url, "s3cret"};

	(void)scrape(&target, 1, 0.5, 1, 0.3);
	CHECK_INT(seen.answered[0], 1);
	CHECK(strstr(server->request, "Authorization: Bearer s3cret\r\n") != NULL);
	spoken_end(server);
}

TEST(settings_that_are_none)
{
	static const double bad[][2] = {{0, 1}, {1, 0}, {NAN, 1}, {1, INFINITY}, {-1, 1}};
	struct sw__scraper_settings settings = {.answered = on_answer};
	sw__scraper *scraper;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		settings.interval_s = bad[i][0];
		settings.timeout_s = bad[i][1];
		CHECK_INT(sw__scraper_new(NULL, 0, &settings, &scraper, &err), SW_BAD_INPUT);
		CHECK(scraper == NULL);
	}
	(void)scrape(NULL, 0, 1, 1, 0.02);
	sw__scraper_free(NULL);
}

TEST_MAIN()
