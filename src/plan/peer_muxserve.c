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
#include "plan/rules.h"

static enum sw_status settle(const struct sw__packer *packer, struct sw__seating *seating,
			     bool *stays, double *dislike, struct sw_error *err)
{
	enum sw_status st = sw__load_alone(seating, dislike, err);

	(void)packer;
	*stays = *dislike <= 1 + SW__SUM_ROUNDING;
	return st;
}

enum sw_status sw__peer_muxserve(struct sw__planning *planning, struct sw__state *out,
				 struct sw_error *err)
{
	const struct sw__packer packer = {
		.need = sw__need_alone, .first_level = sw__level_alone, .settle = settle};

	return sw__pack_into(&packer, planning->sizing, &planning->made, out, err);
}
