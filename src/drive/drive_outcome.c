// SPDX-License-Identifier: Apache-2.0
#include "drive/drive_outcome.h"

static const struct {
	const char *id, *meaning;
	bool failure;
} outcomes[] = {
#define ROW(name, id, failure, meaning) {id, meaning, failure},
	SW_DRIVE_OUTCOME_LIST(ROW)
#undef ROW
};

const char *sw_drive_outcome_id(enum sw_drive_outcome outcome)
{
	return outcomes[outcome].id;
}

const char *sw_drive_outcome_meaning(enum sw_drive_outcome outcome)
{
	return outcomes[outcome].meaning;
}

bool sw_drive_failed(enum sw_drive_outcome outcome)
{
	return outcomes[outcome].failure;
}

static enum sw_drive_outcome of_status(int status)
{
	switch (status / 100) {
	case 3:
		return SW_DRIVE_HTTP_3XX;
	case 4:
		return SW_DRIVE_HTTP_4XX;
	case 5:
		return SW_DRIVE_HTTP_5XX;
	default:
		return SW_DRIVE_GARBAGE;
	}
}

static enum sw_drive_outcome of_fault(enum sw__answer_fault fault)
{
	switch (fault) {
	case SW__ANSWER_ERROR:
		return SW_DRIVE_ERROR;
	case SW__ANSWER_TOO_LONG:
		return SW_DRIVE_ENDLESS;
	case SW__ANSWER_NO_MEMORY:
		return SW_DRIVE_UNSENT;
	default:
		return SW_DRIVE_GARBAGE;
	}
}

/* The connection did what it should; did the stream? */
static enum sw_drive_outcome of_stream(const struct sw__answer *answer)
{
	bool ended = answer->done || answer->finished;

	if (ended && answer->pieces)
		return SW_DRIVE_OK;
	if (!answer->bytes || answer->pieces)
		return SW_DRIVE_CUT;
	return SW_DRIVE_GARBAGE;
}

enum sw_drive_outcome sw__drive_outcome(const struct sw__http_end *end,
					const struct sw__answer *answer)
{
	if (end->fate == SW__HTTP_CANCELLED)
		return SW_DRIVE_STOPPED;
	if (end->fate == SW__HTTP_OWN_FAULT)
		return SW_DRIVE_UNSENT;
	if (end->fate == SW__HTTP_UNREACHABLE)
		return SW_DRIVE_REFUSED;
	if (end->status && end->status / 100 != 2)
		return of_status(end->status);
	if (answer->fault != SW__ANSWER_FINE)
		return of_fault(answer->fault);
	if (end->fate == SW__HTTP_MALFORMED)
		return SW_DRIVE_GARBAGE;
	/* All that was asked for has come: that the connection then broke or stayed open changes nothing. */
	if (answer->done && answer->pieces)
		return SW_DRIVE_OK;
	if (end->fate == SW__HTTP_TIMED_OUT)
		return answer->pieces ? SW_DRIVE_TOO_SLOW : SW_DRIVE_TIMED_OUT;
	if (end->fate == SW__HTTP_CUT)
		return SW_DRIVE_CUT;
	return of_stream(answer);
}
