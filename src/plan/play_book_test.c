// SPDX-License-Identifier: Apache-2.0
#include "plan/play_book.h"

#include "check.h"
#include "predict/predict_mix.h"

static struct sw_error err;
static sw_catalog *catalog;
static struct sw_fleet_entry entry;
static struct sw_problem problem = {.n_fleet = 1, .fleet = &entry};

static void open_all(void)
{
	if (catalog)
		return;
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, "a100-sxm4-40gb", &entry.gpu, &err), SW_OK);
	entry.mechanism = SW_MPS;
}

/* Engines of a small model that are asked seldom, so that a play is short. */
static struct sw__play_job job_of(size_t n, double rate)
{
	struct sw__play_job job = {.n = n};

	for (size_t i = 0; i < n; i++) {
		struct sw_tenant *t = &job.tenants[i];

		(void)snprintf(t->name, sizeof(t->name), "w%zu", i);
		CHECK_INT(sw_catalog_model(catalog, "qwen3-0.6b", &t->model, &err), SW_OK);
		t->slice = (struct sw_slice){SW_MPS, 0.4, 10};
		t->load = (struct sw_load){.rate = rate,
					   .concurrency = NAN,
					   .burstiness = 1,
					   .trace_stretch = 1,
					   .prompt_tokens = {100, NAN},
					   .output_tokens = {4, NAN}};
		t->engine.max_num_seqs = 8;
		t->engine.max_num_batched_tokens = 2048;
		t->engine.max_model_len = 1024;
		t->engine.kv_cache_tokens = t->engine.cores = NAN;
		t->engine.cuda_graphs = true;
		t->engine.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS |
				  SW_KEY_MAX_MODEL_LEN | SW_KEY_CUDA_GRAPHS;
		CHECK_INT(sw_engine_resolve(&t->engine, &entry.gpu, &t->model, NULL, &err), SW_OK);
	}
	return job;
}

TEST(it_says_what_a_play_of_the_mix_says)
{
	struct sw__play_book book = {0};
	const struct sw__playing playing = {&problem, 0.8, 0.7};
	struct sw_prediction said[2], mix_said[2];
	struct sw__play_job job;
	struct sw_mix mix;

	open_all();
	job = job_of(2, 5);
	mix = (struct sw_mix){
		.gpu = entry.gpu, .mechanism = SW_MPS, .n = 2, .tenants = job.tenants};
	CHECK_INT(sw__play_book_get(&book, &playing, &job, said, &err), SW_OK);
	CHECK_INT(sw__predict_calibrated(&mix, NULL, NULL, mix_said, &err), SW_OK);
	for (int i = 0; i < 2; i++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			CHECK_NEAR(said[i].latency[SW_TTFT].hi[s],
				   mix_said[i].latency[SW_TTFT].hi[s], 0);
			CHECK_NEAR(said[i].latency[SW_TPOT].at[s],
				   mix_said[i].latency[SW_TPOT].at[s], 0);
		}
	sw__play_book_clear(&book);
}

TEST(what_was_played_is_not_played_again)
{
	struct sw__play_book book = {0};
	const struct sw__playing playing = {&problem, 0.8, 0.7};
	struct sw_prediction first[1], again[1];
	struct sw__play_job jobs[3];

	open_all();
	jobs[0] = jobs[2] = job_of(1, 3);
	jobs[1] = job_of(1, 4);
	CHECK_INT(sw__play_book_fetch(&book, &playing, jobs, 3, &err), SW_OK);
	CHECK_INT(book.n, 2);
	CHECK_INT(sw__play_book_get(&book, &playing, &jobs[0], first, &err), SW_OK);
	jobs[2].tenants[0].load.rate *= 1 + 1e-13; /* as somebody else may have worked it out */
	CHECK_INT(sw__play_book_get(&book, &playing, &jobs[2], again, &err), SW_OK);
	CHECK_INT(book.n, 2);
	CHECK_NEAR(first[0].latency[SW_TTFT].hi[SW_P95], again[0].latency[SW_TTFT].hi[SW_P95], 0);
	sw__play_book_clear(&book);
}

/* Room below saturation is left whatever a play says. */
TEST(next_to_saturation_there_are_no_bounds)
{
	struct sw__play_book book = {0};
	struct sw__playing playing = {&problem, 0.8, 0.7};
	struct sw_prediction calm[1], busy[1];
	struct sw__play_job job;

	open_all();
	job = job_of(1, 3);
	CHECK_INT(sw__play_book_get(&book, &playing, &job, calm, &err), SW_OK);
	CHECK(isfinite(calm[0].latency[SW_TTFT].hi[SW_P99]));
	job.tenants[0].load.rate = 0.9 * calm[0].max_rate_per_s;
	CHECK_INT(sw__play_book_get(&book, &playing, &job, busy, &err), SW_OK);
	CHECK(isinf(busy[0].latency[SW_TTFT].hi[SW_MEAN]));
	CHECK(isinf(busy[0].latency[SW_TPOT].hi[SW_P95]));
	sw__play_book_clear(&book);
}

TEST(what_cannot_be_played_is_refused_and_forgotten)
{
	struct sw__play_book book = {0};
	const struct sw__playing playing = {&problem, 0.8, 0.7};
	struct sw_prediction said[1];
	struct sw__play_job job;

	open_all();
	job = job_of(1, 3);
	job.tenants[0].slice.share = 7;
	CHECK(sw__play_book_get(&book, &playing, &job, said, &err) != SW_OK);
	CHECK(*err.message);
	CHECK_INT(book.n, 0);
	sw__play_book_clear(&book);
}

TEST_MAIN()
