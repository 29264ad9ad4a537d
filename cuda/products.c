// SPDX-License-Identifier: Apache-2.0
#include "products.h"

#include <cublasLt.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* cuBLASLt wants 32 MiB on Hopper, less elsewhere. */
#define WORKSPACE_BYTES ((size_t)32 << 20)

/* Steps have any number of tokens, so shapes come by thousands; when half of the table is taken, it starts anew. */
enum { PLANS = 8192, PLANS_FULL = PLANS / 2, ALIGNMENT = 16, PATHS_TEXT = 512 };

static const char *const usual[] = {
	"libcublasLt.so.13",
	"libcublasLt.so.12",
	"libcublasLt.so",
	"/usr/local/cuda/lib64/libcublasLt.so.13",
	"/usr/local/cuda/lib64/libcublasLt.so.12",
	"/usr/local/cuda/lib64/libcublasLt.so",
};

/* X(function): all that is used of the library. */
#define FUNCTIONS(X)                            \
	X(cublasLtCreate)                       \
	X(cublasLtDestroy)                      \
	X(cublasLtGetStatusString)              \
	X(cublasLtMatmul)                       \
	X(cublasLtMatmulAlgoGetHeuristic)       \
	X(cublasLtMatmulDescCreate)             \
	X(cublasLtMatmulDescDestroy)            \
	X(cublasLtMatmulDescSetAttribute)       \
	X(cublasLtMatmulPreferenceCreate)       \
	X(cublasLtMatmulPreferenceDestroy)      \
	X(cublasLtMatmulPreferenceSetAttribute) \
	X(cublasLtMatrixLayoutCreate)           \
	X(cublasLtMatrixLayoutDestroy)

struct library {
#define POINTER(function) __typeof__(&function) function;
	FUNCTIONS(POINTER)
#undef POINTER
};

struct symbol {
	const char *name;
	size_t offset;
};

static const struct symbol symbols[] = {
#define SYMBOL(function) {#function, offsetof(struct library, function)},
	FUNCTIONS(SYMBOL)
#undef SYMBOL
};

/* How a shape is multiplied; whether y is added to does not matter to the choice. */
struct plan {
	uint32_t rows, n, k; /* rows 0: nobody's place */
	cublasLtMatrixLayout_t w, x, y;
	cublasLtMatmulAlgo_t algorithm;
};

struct products {
	struct library l;
	cublasLtHandle_t handle;
	cublasLtMatmulDesc_t operation;
	cublasLtMatmulPreference_t preference;
	void *workspace;
	struct plan plan[PLANS];
	size_t n_plans;
};

/* POSIX has dlsym() give a function's address as an object's. */
static enum sw_status find_functions(void *handle, struct library *l, struct sw_error *err)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *found = dlsym(handle, symbols[i].name);

		if (!found)
			return sw_fail(err, SW_IO, "cuBLASLt has no %s", symbols[i].name);
		memcpy((char *)l + symbols[i].offset, &found, sizeof(found));
	}
	return SW_OK;
}

/* Never closed again: CUDA libraries do not like to be unloaded, and the next device finds it loaded. */
static enum sw_status load(const char *path, struct library *l, struct sw_error *err)
{
	const char *said;

	for (size_t i = 0; i < (path ? 1 : sizeof(usual) / sizeof(usual[0])); i++) {
		void *handle = dlopen(path ? path : usual[i], RTLD_NOW | RTLD_LOCAL);

		if (handle)
			return find_functions(handle, l, err);
	}
	said = dlerror();
	if (path)
		return sw_fail(err, SW_IO, "cuBLASLt: %s", said ? said : path);
	return sw_fail(err, SW_IO,
		       "cuBLASLt is nowhere: looked for %s, %s and %s, also in "
		       "/usr/local/cuda/lib64; LD_LIBRARY_PATH may name its folder",
		       usual[0], usual[1], usual[2]);
}

static enum sw_status failed(const products *p, cublasStatus_t status, const char *doing,
			     struct sw_error *err)
{
	return sw_fail(err, SW_IO, "cuBLASLt: %s: %s", doing, p->l.cublasLtGetStatusString(status));
}

static cublasStatus_t describe(products *p, uint32_t sms)
{
	const cublasOperation_t transposed = CUBLAS_OP_T;
	const int32_t target = (int32_t)sms;
	cublasStatus_t s =
		p->l.cublasLtMatmulDescCreate(&p->operation, CUBLAS_COMPUTE_32F, CUDA_R_32F);

	if (s == CUBLAS_STATUS_SUCCESS)
		s = p->l.cublasLtMatmulDescSetAttribute(p->operation, CUBLASLT_MATMUL_DESC_TRANSA,
							&transposed, sizeof(transposed));
	if (s == CUBLAS_STATUS_SUCCESS && sms > 0)
		s = p->l.cublasLtMatmulDescSetAttribute(p->operation,
							CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET,
							&target, sizeof(target));
	return s;
}

static cublasStatus_t prefer(products *p)
{
	static const cublasLtMatmulPreferenceAttributes_t alignments[] = {
		CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
		CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
		CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES,
		CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES,
	};
	const uint64_t workspace = WORKSPACE_BYTES;
	const uint32_t alignment = ALIGNMENT;
	cublasStatus_t s = p->l.cublasLtMatmulPreferenceCreate(&p->preference);

	if (s == CUBLAS_STATUS_SUCCESS)
		s = p->l.cublasLtMatmulPreferenceSetAttribute(
			p->preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace,
			sizeof(workspace));
	for (size_t i = 0; i < sizeof(alignments) / sizeof(alignments[0]); i++)
		if (s == CUBLAS_STATUS_SUCCESS)
			s = p->l.cublasLtMatmulPreferenceSetAttribute(
				p->preference, alignments[i], &alignment, sizeof(alignment));
	return s;
}

static enum sw_status open_library(products *p, const char *path, uint32_t sms,
				   struct sw_error *err)
{
	enum sw_status st = load(path, &p->l, err);
	cublasStatus_t s;
	cudaError_t e;

	if (st != SW_OK)
		return st;
	s = p->l.cublasLtCreate(&p->handle);
	if (s == CUBLAS_STATUS_SUCCESS)
		s = describe(p, sms);
	if (s == CUBLAS_STATUS_SUCCESS)
		s = prefer(p);
	if (s != CUBLAS_STATUS_SUCCESS)
		return failed(p, s, "opening", err);
	e = cudaMalloc(&p->workspace, WORKSPACE_BYTES);
	if (e == cudaSuccess)
		return SW_OK;
	(void)cudaGetLastError();
	p->workspace = NULL;
	return sw_fail(err, SW_INFEASIBLE, "cuBLASLt's workspace of %zu MiB: %s",
		       WORKSPACE_BYTES >> 20, cudaGetErrorString(e));
}

enum sw_status products_new(const char *path, uint32_t sms, products **out, struct sw_error *err)
{
	products *p = calloc(1, sizeof(*p));
	enum sw_status st;

	*out = NULL;
	if (!p)
		return sw_fail(err, SW_NO_MEMORY, "plans of products");
	st = open_library(p, path, sms, err);
	if (st != SW_OK) {
		products_free(p);
		return st;
	}
	*out = p;
	return SW_OK;
}

static void forget(const products *p, struct plan *plan)
{
	const cublasLtMatrixLayout_t layouts[] = {plan->w, plan->x, plan->y};

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i])
			(void)p->l.cublasLtMatrixLayoutDestroy(layouts[i]);
	memset(plan, 0, sizeof(*plan));
}

static void forget_all(products *p)
{
	for (size_t i = 0; i < PLANS && p->n_plans > 0; i++)
		if (p->plan[i].rows > 0)
			forget(p, &p->plan[i]);
	p->n_plans = 0;
}

void products_free(products *p)
{
	if (!p)
		return;
	forget_all(p);
	if (p->preference)
		(void)p->l.cublasLtMatmulPreferenceDestroy(p->preference);
	if (p->operation)
		(void)p->l.cublasLtMatmulDescDestroy(p->operation);
	if (p->handle)
		(void)p->l.cublasLtDestroy(p->handle);
	(void)cudaFree(p->workspace);
	free(p);
}

/* Rows side by side are columns of cuBLASLt's: y (n x rows) = w (k x n) transposed times x (k x rows). */
static cublasStatus_t lay_out(const products *p, const struct device_product *of, struct plan *plan)
{
	cublasStatus_t s =
		p->l.cublasLtMatrixLayoutCreate(&plan->w, CUDA_R_16BF, of->k, of->n, of->k);

	if (s == CUBLAS_STATUS_SUCCESS)
		s = p->l.cublasLtMatrixLayoutCreate(&plan->x, CUDA_R_16BF, of->k, of->rows, of->k);
	if (s == CUBLAS_STATUS_SUCCESS)
		s = p->l.cublasLtMatrixLayoutCreate(&plan->y, CUDA_R_16BF, of->n, of->rows, of->n);
	return s;
}

static cublasStatus_t choose(const products *p, struct plan *plan)
{
	cublasLtMatmulHeuristicResult_t best;
	int n = 0;
	cublasStatus_t s;

	memset(&best, 0, sizeof(best));
	s = p->l.cublasLtMatmulAlgoGetHeuristic(p->handle, p->operation, plan->w, plan->x, plan->y,
						plan->y, p->preference, 1, &best, &n);
	if (s == CUBLAS_STATUS_SUCCESS)
		s = n > 0 ? best.state : CUBLAS_STATUS_NOT_SUPPORTED;
	plan->algorithm = best.algo;
	return s;
}

static struct plan *place_of(products *p, const struct device_product *of)
{
	uint64_t h = ((uint64_t)of->rows * 0x9e3779b97f4a7c15U) ^
		     ((uint64_t)of->n * 0xbf58476d1ce4e5b9U) ^
		     ((uint64_t)of->k * 0x94d049bb133111ebU);

	for (size_t i = (size_t)(h >> 40);; i++) {
		struct plan *plan = &p->plan[i % PLANS];

		if (plan->rows == 0 ||
		    (plan->rows == of->rows && plan->n == of->n && plan->k == of->k))
			return plan;
	}
}

static enum sw_status plan_for(products *p, const struct device_product *of,
			       const struct plan **out, struct sw_error *err)
{
	struct plan *plan = place_of(p, of);
	cublasStatus_t s;

	*out = plan;
	if (plan->rows > 0)
		return SW_OK;
	if (p->n_plans >= PLANS_FULL) {
		forget_all(p);
		*out = plan = place_of(p, of);
	}
	s = lay_out(p, of, plan);
	if (s == CUBLAS_STATUS_SUCCESS)
		s = choose(p, plan);
	if (s != CUBLAS_STATUS_SUCCESS) {
		forget(p, plan);
		return sw_fail(err, SW_IO, "cuBLASLt: %u x %u x %u: no kernel: %s", of->rows, of->n,
			       of->k, p->l.cublasLtGetStatusString(s));
	}
	plan->rows = of->rows;
	plan->n = of->n;
	plan->k = of->k;
	p->n_plans++;
	return SW_OK;
}

enum sw_status products_queue(products *p, const struct device_product *product,
			      cudaStream_t stream, struct sw_error *err)
{
	const float alpha = 1, beta = product->add ? 1 : 0;
	const struct plan *plan;
	enum sw_status st;
	cublasStatus_t s;

	if (product->rows == 0)
		return SW_OK;
	st = plan_for(p, product, &plan, err);
	if (st != SW_OK)
		return st;
	s = p->l.cublasLtMatmul(p->handle, p->operation, &alpha, product->w, plan->w, product->x,
				plan->x, &beta, product->y, plan->y, product->y, plan->y,
				&plan->algorithm, p->workspace, WORKSPACE_BYTES, stream);
	return s == CUBLAS_STATUS_SUCCESS ? SW_OK : failed(p, s, "multiplying", err);
}
