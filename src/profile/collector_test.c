// SPDX-License-Identifier: Apache-2.0
#include "profile/collector.h"

#include <stdlib.h>

#include "check.h"
#include "net/http_client.h"
#include "profile/driven.h"

static struct sw_error err;

static double value_of(const struct sw__run_series *s, const char *source, const char *entity,
		       const char *metric)
{
	return sw__series_mean(s, source, entity, metric, -INFINITY, INFINITY);
}

static void collect(const char *text, const struct sw__target *target, struct sw__run_series *s)
{
	char *copy = strdup(text);

	sw__collect_text(copy, target, 1, s);
	free(copy);
}

TEST(engines_hami_and_dcgm_are_named_by_their_labels)
{
	static const struct sw__target engine = {"metrics", "a", ""}, hami = {"hami", NULL, ""},
				       dcgm = {"dcgm", NULL, ""};
	struct sw__run_series s = {0};

	collect("vllm:num_requests_running{engine=\"0\",model_name=\"m\"} 3.0\n"
		"vllm:request_success_total{engine=\"0\",finished_reason=\"stop\"} 7\n"
		"vllm:time_to_first_token_seconds_bucket{le=\"0.1\"} 5\n"
		"vllm:time_to_first_token_seconds_created{} 5\n"
		"python_gc_objects_collected_total{generation=\"0\"} 1\n"
		"process_open_fds 9\nllamacpp:requests_processing 2\n",
		&engine, &s);
	CHECK_INT(s.n, 3);
	CHECK_NEAR(value_of(&s, "metrics", "a", "vllm:num_requests_running"), 3, 0);
	CHECK_NEAR(value_of(&s, "metrics", "a",
			    "vllm:request_success_total{finished_reason=\"stop\"}"),
		   7, 0);
	CHECK_NEAR(value_of(&s, "metrics", "a", "llamacpp:requests_processing"), 2, 0);

	/* As in HAMi's and DCGM's documentation. */
	collect("hami_container_device_utilization_ratio{namespace=\"d\",pod=\"p1\",container="
		"\"c\",vdevice_index=\"0\",device_uuid=\"GPU-1\"} 41\n"
		"hami_host_gpu_memory_used_bytes{node=\"n\",device_index=\"0\",device_uuid="
		"\"GPU-1\",device_type=\"NVIDIA\"} 1e9\n",
		&hami, &s);
	CHECK_NEAR(value_of(&s, "hami", "p1",
			    "hami_container_device_utilization_ratio{container=\"c\","
			    "vdevice_index=\"0\"}"),
		   41, 0);
	CHECK_NEAR(value_of(&s, "hami", "GPU-1", "hami_host_gpu_memory_used_bytes"), 1e9, 0);
	collect("DCGM_FI_PROF_SM_ACTIVE{gpu=\"0\",UUID=\"GPU-7\",pci_bus_id=\"x\",device="
		"\"nvidia0\",modelName=\"NVIDIA A100\",Hostname=\"h\"} 0.62\n",
		&dcgm, &s);
	CHECK_NEAR(value_of(&s, "dcgm", "GPU-7", "DCGM_FI_PROF_SM_ACTIVE"), 0.62, 0);
	sw__series_free(&s);
}

TEST(an_endpoints_metrics_are_beside_it)
{
	static const struct {
		const char *endpoint, *url;
	} cases[] = {
		{"http://h:1", "http://h:1/metrics"},     {"http://h:1/", "http://h:1/metrics"},
		{"http://h:1/v1", "http://h:1/metrics"},  {"http://h:1/v1/", "http://h:1/metrics"},
		{"http://h:1/a", "http://h:1/a/metrics"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *url = sw__metrics_url(cases[i].endpoint);

		CHECK_STR(url, cases[i].url);
		free(url);
	}
}

TEST(nobody_there_is_a_series_without_samples)
{
	static const struct sw__target target = {"metrics", "a", "http://127.0.0.1:1/metrics"};
	struct sw__run_series s = {0};
	sw__collector *collector;

	if (!CHECK(sw__collector_start(&target, 1, NULL, 0.05, &collector, &err) == SW_OK))
		return;
	sw__sleep_s(0.2);
	sw__collector_finish(collector, sw__http_now_ns(), NULL, 0, &s);
	CHECK_INT(s.n, 0);
	sw__collector_finish(NULL, 0, NULL, 0, &s);
}

/* A GPU that says how often it was asked. */
static enum sw_status read_counter(void *self, void *handle, struct sw_device_sample *out,
				   struct sw_error *e)
{
	(void)handle, (void)e;
	out->power_w = ++*(int *)self;
	out->known = 1u << SW_DEVICE_POWER;
	return SW_OK;
}

static enum sw_status two_processes(void *self, void *handle, struct sw_device_process *out,
				    size_t capacity, size_t *n, struct sw_error *e)
{
	(void)self, (void)handle, (void)e;
	*n = 2;
	for (size_t i = 0; i < 2 && i < capacity; i++)
		out[i] = (struct sw_device_process){.pid = 40 + (unsigned)i,
						    .known = SW_PROCESS_KNOWS_MEMORY,
						    .memory_mib = 100.0 + (double)i};
	return SW_OK;
}

TEST(a_gpus_samples_come_with_what_it_knows_and_its_processes_by_engine)
{
	static const struct sw_device_ops ops = {.read = read_counter, .processes = two_processes};
	const struct sw__known_process known = {41, "b"};
	int asked = 0;
	struct sw__watched_gpu watched = {.device = {.ops = &ops, .self = &asked}};
	struct sw__run_series s = {0};
	sw__collector *collector;
	uint64_t began_ns = sw__http_now_ns(), origin_ns;
	double middle, since_s, until_s;

	if (!CHECK(sw__collector_start(NULL, 0, &watched, 0.02, &collector, &err) == SW_OK))
		return;
	sw__sleep_s(0.3);
	origin_ns = sw__http_now_ns();
	since_s = (double)(origin_ns - began_ns) * 1e-9;
	sw__collector_finish(collector, origin_ns, &known, 1, &s);
	until_s = (double)(sw__http_now_ns() - origin_ns) * 1e-9;
	middle = value_of(&s, "nvml", "", "power_w");
	CHECK(asked >= 5 && fabs(middle - (1 + asked) / 2.0) < 1e-9);
	CHECK(isnan(value_of(&s, "nvml", "", "sm_percent")));
	CHECK_NEAR(value_of(&s, "nvml", "pid 40", "memory_mib"), 100, 0);
	CHECK_NEAR(value_of(&s, "nvml", "b", "memory_mib"), 101, 0);
	for (size_t i = 0; i < s.n; i++)
		/* Between its start and its end, counted from the origin. */
		CHECK(s.sample[i].time_s <= until_s + 1e-6 &&
		      s.sample[i].time_s >= -since_s - 1e-6);
	sw__series_free(&s);
}

TEST(a_gpu_that_is_not_there_matters_only_where_it_was_asked_for)
{
	struct sw__metrics metrics = {.nvml = true};
	struct sw__watched_gpu watched;

	CHECK_INT(sw__watch_open(&metrics, &watched, &err), SW_OK);
	sw__watch_close(&watched);
	metrics.nvml_required = true;
	if (sw__watch_open(&metrics, &watched, &err) != SW_OK)
		CHECK(strstr(err.message, "metrics: nvml: "));
	else
		sw__watch_close(&watched);
}

TEST_MAIN()
