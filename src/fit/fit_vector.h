/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_vector.h
 * All coefficients of a fit as one vector of logarithms: what is common to the models of a GPU, what each adds to that, and what
 * each mechanism has. README.md, "Coefficients", has the reason for the two levels.
 */
#ifndef SLICEWISE_FIT_FIT_VECTOR_H
#define SLICEWISE_FIT_FIT_VECTOR_H

#include "predict/fit_known.h"

enum { SW__NO_ENTRY = -1 };

/** A GPU of the data set. */
struct sw__vector_gpu {
	char gpu[SW_NAME_MAX];
	double prefill_doubt, decode_doubt; /* of its calibration */
	bool host; /* CPU cores in place of a GPU */
	size_t at; /* its first entry: SW__MODEL_COUNT of them */
};

struct sw__vector_model {
	size_t gpu; /* index */
	char model[SW_NAME_MAX];
	unsigned runs;
	size_t at;
};

struct sw__vector_group {
	size_t gpu;
	enum sw_mechanism mechanism;
	unsigned runs, mixes;
	int at[SW__SHARED_COUNT]; /* SW__NO_ENTRY: not fitted under this mechanism */
};

struct sw__vector {
	size_t n_gpus, n_models, n_groups, n;
	struct sw__vector_gpu *gpu;
	struct sw__vector_model *model;
	struct sw__vector_group *group;
	double *value; /* n logarithms, relative to what is known without measurement */
	double *prior; /* n standard deviations */
	double *scanned; /* n standard deviations of those that were scanned; 0: has a slope */
};

void sw__vector_clear(struct sw__vector *vector);

/** Whether runs under a mechanism can say anything of a shared coefficient. */
bool sw__is_fitted(enum sw_mechanism mechanism, int coefficient);

/** Whether latencies jump with it, so that a fit tries values in place of following a slope. */
bool sw__is_scanned(int coefficient);

/** The place of a GPU, model or group; made where there is none. SW_NO_MEMORY. */
enum sw_status sw__vector_gpu_of(struct sw__vector *v, const char *gpu, double prefill_doubt,
				 double decode_doubt, size_t *out, struct sw_error *err);
enum sw_status sw__vector_model_of(struct sw__vector *v, size_t gpu, const char *model, size_t *out,
				   struct sw_error *err);
enum sw_status sw__vector_group_of(struct sw__vector *v, size_t gpu, enum sw_mechanism mechanism,
				   size_t *out, struct sw_error *err);

/** Give every coefficient its entry, once all are known. Values are 0. */
enum sw_status sw__vector_number(struct sw__vector *v, struct sw_error *err);

/** The fit that these values are; `covariance` (n x n, may be NULL) gives the doubts, else the priors do. */
enum sw_status sw__vector_fit(const struct sw__vector *v, const double *covariance,
			      struct sw_fit **out, struct sw_error *err);

#endif
