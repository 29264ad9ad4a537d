// SPDX-License-Identifier: Apache-2.0
/* Which fit it is: FNV-1a over every number and name that a prediction can come from. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "predict/fit_known.h"

static const uint64_t fnv_basis = 14695981039346656037U, fnv_prime = 1099511628211U;

static void add_bits(uint64_t *hash, uint64_t bits)
{
	enum { BYTES = 8, BITS_OF_A_BYTE = 8, BYTE = 0xff };

	for (int i = 0; i < BYTES; i++)
		*hash = (*hash ^ ((bits >> (BITS_OF_A_BYTE * i)) & BYTE)) * fnv_prime;
}

static void add_number(uint64_t *hash, double x)
{
	uint64_t bits = 1; /* of what is not known, whatever its bits are */

	if (!isnan(x))
		(void)memcpy(&bits, &x, sizeof(bits));
	add_bits(hash, bits);
}

static void add_name(uint64_t *hash, const char *name)
{
	for (; *name; name++)
		*hash = (*hash ^ (unsigned char)*name) * fnv_prime;
	add_bits(hash, 0);
}

static void add_known(uint64_t *hash, const struct sw__known *known, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add_number(hash, known[i].value);
		add_number(hash, known[i].doubt);
	}
}

static void add_bounds(uint64_t *hash,
		       const struct sw__bound bounds[SW_METRIC_COUNT][SW_STATISTIC_COUNT])
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			add_number(hash, bounds[m][s].upper);
			add_number(hash, bounds[m][s].lower);
		}
	}
}

static void add_group(uint64_t *hash, const struct sw__fit_group *group)
{
	add_name(hash, group->gpu);
	add_bits(hash, group->mechanism);
	add_known(hash, group->shared, SW__SHARED_COUNT);
	for (int k = 0; k < SW__BOUND_KINDS; k++) {
		add_bounds(hash, group->bound[k]);
		add_bounds(hash, group->quick_bound[k]);
	}
	for (int i = 0; i < SW__RANGE_COUNT; i++) {
		add_number(hash, group->range[i].low);
		add_number(hash, group->range[i].high);
	}
}

static void add_model(uint64_t *hash, const struct sw__fit_model *model)
{
	add_name(hash, model->gpu);
	add_name(hash, model->model);
	add_known(hash, model->at, SW__MODEL_COUNT);
}

void sw_fit_identify(const sw_fit *fit, struct sw_fit_id *out)
{
	uint64_t hash = fnv_basis;

	*out = (struct sw_fit_id){.origin = ""};
	if (!fit)
		return;
	for (size_t i = 0; i < fit->n_groups; i++)
		add_group(&hash, &fit->groups[i]);
	for (size_t i = 0; i < fit->n_models; i++)
		add_model(&hash, &fit->models[i]);
	(void)sw_copy_name(out->origin, sizeof(out->origin), fit->origin);
	(void)snprintf(out->hash, sizeof(out->hash), "%016" PRIx64, hash);
}
