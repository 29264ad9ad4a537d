// SPDX-License-Identifier: Apache-2.0
#include <jansson.h>

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/planner.h"

static struct sw_error err;

static struct sw_plan *some_plan(void)
{
	struct sw_plan *plan = NULL;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2.5);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 20);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 22)->load.prompt_tokens.p95 =
		250;
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_OK);
	return plan;
}

static const char *keys_of(json_t *object)
{
	static char text[1024];
	size_t size = 0;
	const char *key;
	json_t *value;

	*text = '\0';
	json_object_foreach(object, key, value)
	{
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%s%s", size ? "," : "",
					 key);
	}
	return text;
}

static json_t *at(json_t *object, const char *key, size_t i)
{
	return json_array_get(json_object_get(object, key), i);
}

TEST(keys_are_those_of_the_format_in_their_order)
{
	struct sw_plan *plan = some_plan();
	json_t *root, *gpu, *tenant, *workload;
	char *text;

	if (!plan)
		return;
	CHECK_INT(sw_plan_to_json(&fake_problem, plan, &text, &err), SW_OK);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	CHECK(root && text[strlen(text) - 1] == '\n');
	CHECK_STR(keys_of(root),
		  "format,fit,bounds,gpus,totals,bound,exclusive,workloads,reasons,relaxations");
	gpu = at(root, "gpus", 0);
	CHECK_STR(keys_of(gpu), "id,gpu,mechanism,price_per_hour,tenants");
	tenant = at(gpu, "tenants", 0);
	CHECK_STR(
		keys_of(tenant),
		"workload,replica,model,share,memory_gib,max_num_seqs,rate,engine,predicted,binds");
	CHECK_STR(keys_of(json_object_get(json_object_get(tenant, "predicted"), "ttft_ms")),
		  "mean,p50,p95,p99,lo,hi,p50_hi,p95_hi,p99_hi");
	CHECK_STR(keys_of(json_object_get(root, "totals")), "gpus,share,cost_per_hour");
	CHECK_STR(keys_of(json_object_get(root, "bound")), "gpus,cost_per_hour,gap");
	workload = at(root, "workloads", 1);
	CHECK_STR(keys_of(workload), "name,replicas,met,why,load,slo");
	CHECK(json_is_true(json_object_get(workload, "met")));
	CHECK_STR(keys_of(json_object_get(workload, "slo")), "tpot_p95_ms");
	CHECK_STR(keys_of(json_object_get(json_object_get(workload, "load"), "prompt_tokens")),
		  "mean,p95");
	CHECK(json_is_integer(json_object_get(json_object_get(workload, "load"), "output_tokens")));
	CHECK(json_is_null(json_object_get(json_object_get(tenant, "engine"), "cores")));
	json_decref(root);
	free(text);
	sw_plan_free(plan);
}

TEST(reasons_and_relaxations_have_numbers_beside_the_words)
{
	struct sw_plan *plan = NULL;
	json_t *root, *reason, *relaxation;
	char *text;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2.5)->count = 1;
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 8);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 9);
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_INFEASIBLE);
	if (!plan)
		return;
	CHECK_INT(sw_plan_to_json(&fake_problem, plan, &text, &err), SW_OK);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	reason = at(root, "reasons", 0);
	CHECK_STR(keys_of(reason), "instead,gpu,workload,replica,where,share,obstacle,words");
	CHECK_STR(json_string_value(json_object_get(reason, "instead")), "smaller-slice");
	CHECK_STR(keys_of(json_object_get(reason, "obstacle")),
		  "kind,workload,limit,found,allowed");
	CHECK_STR(json_string_value(json_object_get(json_object_get(reason, "obstacle"), "limit")),
		  "tpot_p95_ms");
	relaxation = at(root, "relaxations", 0);
	CHECK_STR(keys_of(relaxation), "kind,workload,limit,gpu,from,to,relative,replicas,basis,"
				       "cost_per_hour,words");
	CHECK_STR(json_string_value(json_object_get(relaxation, "kind")), "limit");
	CHECK_STR(json_string_value(json_object_get(relaxation, "basis")), "planned");
	json_decref(root);
	free(text);
	sw_plan_free(plan);
}

TEST(numbers_are_short_and_the_bytes_always_the_same)
{
	struct sw_plan *plan = some_plan(), *again = some_plan();
	char *a = NULL, *b = NULL;

	if (!plan || !again)
		return;
	plan->total_share = 0.1 + 0.2;
	CHECK_INT(sw_plan_to_json(&fake_problem, plan, &a, &err), SW_OK);
	CHECK(strstr(a, "\"share\": 0.3,"));
	CHECK(strstr(a, "\"price_per_hour\": 2.5,"));
	again->total_share = plan->total_share;
	CHECK_INT(sw_plan_to_json(&fake_problem, again, &b, &err), SW_OK);
	CHECK_STR(a, b);
	free(a);
	free(b);
	sw_plan_free(plan);
	sw_plan_free(again);
}

TEST_MAIN()
