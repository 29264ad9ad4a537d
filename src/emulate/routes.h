/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file routes.h
 * What an emulated engine answers on its port.
 */
#ifndef SLICEWISE_EMULATE_ROUTES_H
#define SLICEWISE_EMULATE_ROUTES_H

#include "emulate/served_engine.h"

/** What the routes look at: the engine and, where there is one, its shared region. */
struct sw__site {
	struct sw__engine *engine;
	const char *region; /* path, or NULL */
	long long created; /* seconds since 1970: the model's, in lists */
};

/** Routes, limits and callbacks for a server whose context is a struct sw__site; host and port are left to the caller. */
struct sw__http_settings sw__site_settings(struct sw__site *site);

#endif
