/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http_transfer.h
 * One exchange as libcurl knows it: its options, its callbacks, what its result means. For http_client.c alone.
 */
#ifndef SLICEWISE_NET_HTTP_TRANSFER_H
#define SLICEWISE_NET_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "net/http_client.h"

struct sw__http_transfer {
	CURL *easy;
	struct curl_slist *headers;
	struct sw__http_request request;
	const uint64_t *stamp_ns; /* the client's: when what is read now was there */
	size_t header_bytes; /* so far */
	bool enough, headers_endless, no_descriptor;
	char message[CURL_ERROR_SIZE];
	struct sw__http_transfer *previous, *next;
};

/** NULL: no memory. */
struct sw__http_transfer *sw__http_transfer_new(const uint64_t *stamp_ns);
void sw__http_transfer_free(struct sw__http_transfer *transfer);

/** Make it carry `request`, whatever it carried before. SW_NO_MEMORY, SW_BAD_INPUT. */
enum sw_status sw__http_transfer_prepare(struct sw__http_transfer *transfer,
					 const struct sw__http_request *request,
					 struct sw_error *err);

/** What libcurl's result means; at_ns is left to the caller. The message lives as long as the transfer carries this. */
struct sw__http_end sw__http_transfer_end(struct sw__http_transfer *transfer, CURLcode result);

/** The status line's number; 0: none yet. */
int sw__http_transfer_status(const struct sw__http_transfer *transfer);

#endif
