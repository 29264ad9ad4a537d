/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replies.h
 * What clients are sent: tokens as they come, answers in one piece, errors.
 */
#ifndef SLICEWISE_EMULATE_REPLIES_H
#define SLICEWISE_EMULATE_REPLIES_H

#include "emulate/served_engine.h"

#define SW__REPLY_EVENTS "text/event-stream; charset=utf-8"
#define SW__REPLY_JSON   "application/json"

/** JSON that is complete. */
void sw__reply_json(sw__http_exchange *exchange, unsigned status, const char *json);

/** An error in OpenAI's form; `param` may be NULL. */
void sw__reply_error(sw__http_exchange *exchange, unsigned status, const char *param,
		     const char *message);

/** Token n of a call, due at due_s: an event of its stream, or with the last one the whole answer. False: nobody listens. */
bool sw__reply_token(struct sw__call *call, uint32_t n, bool last, double due_s);

/** The engine has given the call up. */
void sw__reply_abort(struct sw__call *call);

#endif
