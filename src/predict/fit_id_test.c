// SPDX-License-Identifier: Apache-2.0
#include "check.h"
#include "predict/fit_known.h"

static struct sw_fit_id id_of(const sw_fit *fit)
{
	struct sw_fit_id id;

	sw_fit_identify(fit, &id);
	return id;
}

TEST(without_a_fit_there_is_no_id)
{
	struct sw_fit_id id = id_of(NULL);

	CHECK_STR(id.hash, "");
	CHECK_STR(id.origin, "");
}

TEST(the_hash_is_of_the_numbers_and_names_and_nothing_else)
{
	struct sw__fit_group group = {.gpu = "l4", .mechanism = SW_MPS};
	struct sw__fit_model model = {.gpu = "l4", .model = "m"};
	sw_fit fit = {.origin = "a test",
		      .n_groups = 1,
		      .n_models = 1,
		      .groups = &group,
		      .models = &model};
	struct sw_fit_id first = id_of(&fit);
	double *const numbers[] = {
		&group.shared[0].value,      &group.shared[SW__SHARED_COUNT - 1].doubt,
		&group.bound[0][0][0].upper, &group.quick_bound[1][1][3].lower,
		&group.range[0].low,         &group.range[SW__RANGE_COUNT - 1].high,
		&model.at[0].value,          &model.at[SW__MODEL_COUNT - 1].doubt,
	};

	CHECK_INT(strlen(first.hash), 16);
	CHECK_STR(first.origin, "a test");
	CHECK_STR(id_of(&fit).hash, first.hash);
	fit.origin[0] = 'A';
	fit.runs = 7;
	CHECK_STR(id_of(&fit).hash, first.hash);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*numbers[i] = 1e-9;
		CHECK(strcmp(id_of(&fit).hash, first.hash) != 0);
		*numbers[i] = NAN;
		CHECK(strcmp(id_of(&fit).hash, first.hash) != 0);
		*numbers[i] = 0;
	}
	group.gpu[2] = 's';
	CHECK(strcmp(id_of(&fit).hash, first.hash) != 0);
	group.gpu[2] = '\0';
	model.model[0] = 'n';
	CHECK(strcmp(id_of(&fit).hash, first.hash) != 0);
	model.model[0] = 'm';
	CHECK_STR(id_of(&fit).hash, first.hash);
}

TEST(the_shipped_fit_has_one_that_does_not_change_with_reading)
{
	sw_fit *a = NULL, *b = NULL;

	CHECK_INT(sw_fit_open(NULL, &a, NULL), SW_OK);
	CHECK_INT(sw_fit_open(NULL, &b, NULL), SW_OK);
	CHECK_STR(id_of(a).hash, id_of(b).hash);
	CHECK(id_of(a).origin[0]);
	sw_fit_free(a);
	sw_fit_free(b);
}

TEST_MAIN()
