// SPDX-License-Identifier: Apache-2.0
/* A library of its own, as the real one is. Products by the manual: columns side by side, op(A) op(B). */
#include <cublasLt.h>
#include <stdlib.h>
#include <string.h>

#include "fake_cuda.h"

#define SHOWN __attribute__((visibility("default")))

struct layout {
	cudaDataType type;
	uint64_t rows, columns;
	int64_t stride;
};

struct operation {
	cublasOperation_t a;
};

static void *made(size_t bytes)
{
	void *thing = fake_cuda_fails() ? NULL : calloc(1, bytes);

	fake_cuda.alive += thing ? 1 : 0;
	return thing;
}

static cublasStatus_t status_of(const void *thing)
{
	return thing ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}

static cublasStatus_t gone(void *thing)
{
	fake_cuda.alive -= thing ? 1 : 0;
	free(thing);
	return CUBLAS_STATUS_SUCCESS;
}

static cublasStatus_t done(void)
{
	return fake_cuda_fails() ? CUBLAS_STATUS_INTERNAL_ERROR : CUBLAS_STATUS_SUCCESS;
}

SHOWN cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle)
{
	*handle = made(1);
	return status_of(*handle);
}

SHOWN cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle)
{
	return gone(handle);
}

SHOWN const char *cublasLtGetStatusString(cublasStatus_t status)
{
	return status == CUBLAS_STATUS_NOT_SUPPORTED ? "not supported" : "a failure";
}

SHOWN cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *operation,
					      cublasComputeType_t compute, cudaDataType_t scale)
{
	if (compute != CUBLAS_COMPUTE_32F || scale != CUDA_R_32F)
		return CUBLAS_STATUS_INVALID_VALUE;
	*operation = made(sizeof(struct operation));
	return status_of(*operation);
}

SHOWN cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation)
{
	return gone(operation);
}

SHOWN cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation,
						    cublasLtMatmulDescAttributes_t attribute,
						    const void *value, size_t size)
{
	if (size != 4)
		return CUBLAS_STATUS_INVALID_VALUE;
	if (attribute == CUBLASLT_MATMUL_DESC_TRANSA)
		memcpy(operation, value, size);
	else if (attribute == CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET)
		memcpy(&fake_cuda.cublas_sms, value, size);
	else
		return CUBLAS_STATUS_INVALID_VALUE;
	return done();
}

SHOWN cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *preference)
{
	*preference = made(1);
	return status_of(*preference);
}

SHOWN cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference)
{
	return gone(preference);
}

SHOWN cublasStatus_t cublasLtMatmulPreferenceSetAttribute(
	cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute,
	const void *value, size_t size)
{
	(void)preference;
	(void)value;
	if (size != (attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES ? 8 : 4))
		return CUBLAS_STATUS_INVALID_VALUE;
	return done();
}

SHOWN cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *out, cudaDataType type,
						uint64_t rows, uint64_t columns, int64_t stride)
{
	struct layout *layout = made(sizeof(*layout));

	*out = (cublasLtMatrixLayout_t)(void *)layout;
	if (layout)
		*layout = (struct layout){type, rows, columns, stride};
	return status_of(layout);
}

SHOWN cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout)
{
	return gone(layout);
}

/* As many parameters as the library's. NOLINTNEXTLINE(readability-function-size) */
SHOWN cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
	cublasLtHandle_t handle, cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t a,
	cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
	cublasLtMatmulPreference_t preference, int wanted,
	cublasLtMatmulHeuristicResult_t results[], int *n)
{
	if (!handle || !operation || !a || !b || !c || !d || !preference || wanted < 1)
		return CUBLAS_STATUS_INVALID_VALUE;
	fake_cuda.heuristics++;
	*n = 1;
	results[0].state = done();
	results[0].algo.data[0] = 42;
	return CUBLAS_STATUS_SUCCESS;
}

static float number(const uint16_t *bf16)
{
	uint32_t bits = (uint32_t)*bf16 << 16;
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static struct layout layout_of(cublasLtMatrixLayout_t opaque)
{
	struct layout layout;

	memcpy(&layout, opaque, sizeof(layout));
	return layout;
}

/* Element (row, column) of A transposed, of B, of D; the sum is cut to bf16: the test's numbers are whole. */
/* NOLINTNEXTLINE(readability-function-size) */
SHOWN cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
				    const void *alpha, const void *a, cublasLtMatrixLayout_t a_,
				    const void *b, cublasLtMatrixLayout_t b_, const void *beta,
				    const void *c, cublasLtMatrixLayout_t c_, void *d,
				    cublasLtMatrixLayout_t d_,
				    const cublasLtMatmulAlgo_t *algorithm, void *workspace,
				    size_t bytes, cudaStream_t stream)
{
	const struct layout la = layout_of(a_), lb = layout_of(b_), ld = layout_of(d_);
	const float *scale = alpha, *keep = beta;
	struct operation how;

	memcpy(&how, operation, sizeof(how));
	if (!handle || how.a != CUBLAS_OP_T || la.type != CUDA_R_16BF || la.rows != lb.rows ||
	    la.columns != ld.rows || lb.columns != ld.columns || c != d || c_ != d_ ||
	    algorithm->data[0] != 42 || !workspace || bytes == 0 || !stream)
		return CUBLAS_STATUS_INVALID_VALUE;
	for (uint64_t column = 0; column < ld.columns; column++)
		for (uint64_t row = 0; row < ld.rows; row++) {
			const uint16_t *x = (const uint16_t *)a + row * (uint64_t)la.stride;
			const uint16_t *y = (const uint16_t *)b + column * (uint64_t)lb.stride;
			uint16_t *to = (uint16_t *)d + column * (uint64_t)ld.stride + row;
			float sum = *keep != 0 ? *keep * number(to) : 0;
			uint32_t sum_bits;

			for (uint64_t k = 0; k < la.rows; k++)
				sum += *scale * number(&x[k]) * number(&y[k]);
			memcpy(&sum_bits, &sum, sizeof(sum_bits));
			*to = (uint16_t)(sum_bits >> 16);
		}
	return done();
}
