// SPDX-License-Identifier: Apache-2.0
/*
 * MuxServe (Duan et al., ICML'24): engines side by side cost what each costs alone at its share; the smallest share that does;
 * those that compute most are placed first, each where it raises the throughput most.
 *
 * Adapted: "does" is that the limits hold alone by our predictor, where MuxServe asks for the rate alone. All rates are then
 * met, and the throughput of all is largest where the least of a GPU is given away: the least loaded GPU that has room.
 * Left out: the KV cache that its engines share (ours have memory of their own) and tensor parallelism.
 */
#include "plan/peer_packer.h"
#include "plan/peers.h"

static size_t alone(const struct sw__packer *packer, const struct sw__sizing *sizing,
		    const struct sw__size *size)
{
	(void)packer, (void)sizing;
	return size->alone;
}

/* The share; where turns are taken, the part of them. */
static enum sw_status need(const struct sw__packer *packer, struct sw__sizing *sizing,
			   struct sw__size *size, double *out, struct sw_error *err)
{
	unsigned char level = (unsigned char)size->alone;
	struct sw_prediction alone;
	enum sw_status st = SW_OK;

	(void)packer;
	*out = sw__size_share(sizing, size, size->alone);
	if (!size->share_matters) {
		st = sw__together_predict(sizing, size->fleet, &size, &level, 1, &alone, err);
		*out = st == SW_OK ? alone.gpu_busy : 0;
	}
	return st;
}

static enum sw_status settle(const struct sw__packer *packer, struct sw__seating *seating,
			     bool *stays, double *dislike, struct sw_error *err)
{
	enum sw_status st = SW_OK;
	double load = 0;

	for (size_t i = 0; i < seating->gpu->n && st == SW_OK; i++) {
		double one;

		st = need(packer, seating->board->sizing, seating->gpu->engine[i], &one, err);
		load += one;
	}
	*stays = load <= 1;
	*dislike = load;
	return st;
}

enum sw_status sw__peer_muxserve(struct sw__planning *planning, struct sw__state *out,
				 struct sw_error *err)
{
	const struct sw__packer packer = {.need = need, .first_level = alone, .settle = settle};

	return sw__pack_into(&packer, planning->sizing, &planning->made, out, err);
}
