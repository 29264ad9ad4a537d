/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file peers.h
 * The strategies of others, and ours with a part taken out: README.md, "Peers". Each fills a state (strategies.h); what it
 * looks through other eyes than ours is in planning->peer.
 */
#ifndef SLICEWISE_PLAN_PEERS_H
#define SLICEWISE_PLAN_PEERS_H

#include "plan/strategies.h"

#define SW__PEER(name)                                                                       \
	enum sw_status sw__peer_##name(struct sw__planning *planning, struct sw__state *out, \
				       struct sw_error *err)

SW__PEER(packed);
SW__PEER(muxserve);
SW__PEER(gpu_lets);
SW__PEER(gslice);
SW__PEER(igniter);
SW__PEER(paper);
SW__PEER(constant_slowdown);
SW__PEER(ffd_predicted);
SW__PEER(no_bounds);

#undef SW__PEER

#endif
