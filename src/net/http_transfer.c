// SPDX-License-Identifier: Apache-2.0
#include "net/http_transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* All headers of an answer, those of interim answers included. Real ones stay below 16 KiB. */
enum { HEADER_BYTES_MAX = 1 << 16, TURN_BYTES_MAX = 4096 };

/* libcurl takes milliseconds as a long; a day is for ever here. */
static const double timeout_max_s = 86400;

struct sw__http_transfer *sw__http_transfer_new(const uint64_t *stamp_ns)
{
	struct sw__http_transfer *transfer = calloc(1, sizeof(*transfer));

	if (!transfer)
		return NULL;
	transfer->stamp_ns = stamp_ns;
	transfer->easy = curl_easy_init();
	if (transfer->easy)
		return transfer;
	free(transfer);
	return NULL;
}

void sw__http_transfer_free(struct sw__http_transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	free(transfer);
}

int sw__http_transfer_status(const struct sw__http_transfer *transfer)
{
	long status = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static size_t on_body(char *bytes, size_t one, size_t n, void *self)
{
	struct sw__http_transfer *transfer = self;
	const struct sw__http_request *request = &transfer->request;
	const char *type = NULL;
	struct sw__http_head head = {.status = sw__http_transfer_status(transfer)};

	(void)one; /* is 1 */
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &type);
	head.content_type = type ? type : "";
	if (request->handler->body(request->owner, &head, bytes, n, *transfer->stamp_ns))
		return n;
	transfer->enough = true;
	return 0; /* which ends the exchange; n is not 0 */
}

/* The type is libcurl's. NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t on_header(char *bytes, size_t one, size_t n, void *self)
{
	struct sw__http_transfer *transfer = self;

	(void)bytes, (void)one;
	transfer->header_bytes += n;
	if (transfer->header_bytes <= HEADER_BYTES_MAX)
		return n;
	transfer->headers_endless = true;
	return 0;
}

/* As libcurl would, but knowing why not: it says "cannot connect" of a descriptor that was not to be had. */
static curl_socket_t on_open(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct sw__http_transfer *transfer = self;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	if (fd < 0)
		transfer->no_descriptor =
			errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static bool add_header(struct sw__http_transfer *transfer, const char *line)
{
	struct curl_slist *longer = curl_slist_append(transfer->headers, line);

	if (longer)
		transfer->headers = longer;
	return longer != NULL;
}

static bool add_headers(struct sw__http_transfer *transfer)
{
	const char *const *lines = transfer->request.headers;

	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
	/* Else libcurl waits up to a second for a server to say that it wants a large body. */
	if (!add_header(transfer, "Expect:"))
		return false;
	for (; lines && *lines; lines++) {
		if (!add_header(transfer, *lines))
			return false;
	}
	return true;
}

static void set_body(CURL *easy, const struct sw__http_request *request)
{
	if (request->body) {
		(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				       (curl_off_t)request->body_size);
	}
	if (request->method)
		(void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->connect_only)
		(void)curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
}

static void set_timeout(CURL *easy, double timeout_s)
{
	double s = timeout_s < timeout_max_s ? timeout_s : timeout_max_s;
	long ms = (long)(s * 1000);

	/* 0 would mean none. */
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ms > 0 ? ms : 1L);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms > 0 ? ms : 1L);
}

static void set_manners(CURL *easy)
{
	/* What is read in one turn: a server that floods must not keep the others waiting. */
	(void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)TURN_BYTES_MAX);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* "" is no proxy; unset would ask the environment. */
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "slicewise/" SW_VERSION);
	/* A name keeps its address for the whole run: asking again would be measured. */
	(void)curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
}

static void set_callbacks(struct sw__http_transfer *transfer)
{
	CURL *easy = transfer->easy;

	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
}

enum sw_status sw__http_transfer_prepare(struct sw__http_transfer *transfer,
					 const struct sw__http_request *request,
					 struct sw_error *err)
{
	CURL *easy = transfer->easy;

	curl_easy_reset(easy); /* keeps nothing of a former exchange but memory */
	transfer->request = *request;
	transfer->header_bytes = 0;
	transfer->enough = transfer->headers_endless = transfer->no_descriptor = false;
	transfer->message[0] = '\0';
	if (!add_headers(transfer) || curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK)
		return sw_fail(err, SW_NO_MEMORY, "a request to %s", request->url);
	set_manners(easy);
	set_callbacks(transfer);
	set_timeout(easy, request->timeout_s);
	set_body(easy, request);
	return SW_OK;
}

/* Descriptors and ports are ours to have; a server cannot take them away. */
static bool lacks_descriptors(const struct sw__http_transfer *transfer)
{
	long os_error = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
	return transfer->no_descriptor || os_error == EADDRNOTAVAIL;
}

static bool was_sent(const struct sw__http_transfer *transfer)
{
	long bytes = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &bytes);
	return bytes > 0;
}

static const struct {
	CURLcode result;
	enum sw__http_fate fate;
} fates[] = {
	{CURLE_OK, SW__HTTP_ANSWERED},
	{CURLE_COULDNT_RESOLVE_HOST, SW__HTTP_UNREACHABLE},
	{CURLE_COULDNT_CONNECT, SW__HTTP_UNREACHABLE},
	{CURLE_SSL_CONNECT_ERROR, SW__HTTP_UNREACHABLE},
	{CURLE_PEER_FAILED_VERIFICATION, SW__HTTP_UNREACHABLE},
	{CURLE_URL_MALFORMAT, SW__HTTP_UNREACHABLE},
	{CURLE_OPERATION_TIMEDOUT, SW__HTTP_TIMED_OUT},
	{CURLE_PARTIAL_FILE, SW__HTTP_CUT},
	{CURLE_GOT_NOTHING, SW__HTTP_CUT},
	{CURLE_RECV_ERROR, SW__HTTP_CUT},
	{CURLE_SEND_ERROR, SW__HTTP_CUT},
	{CURLE_OUT_OF_MEMORY, SW__HTTP_OWN_FAULT},
};

/* What is not listed is libcurl's many words for an answer that is no HTTP. */
static enum sw__http_fate fate_of(const struct sw__http_transfer *transfer, CURLcode result)
{
	if (transfer->enough)
		return SW__HTTP_ENOUGH;
	if (transfer->headers_endless)
		return SW__HTTP_MALFORMED;
	if (result == CURLE_COULDNT_CONNECT && lacks_descriptors(transfer))
		return SW__HTTP_OWN_FAULT;
	/* So does libcurl 7 call a header line that is longer than it takes. */
	if (result == CURLE_OUT_OF_MEMORY && was_sent(transfer))
		return SW__HTTP_MALFORMED;
	/* One code for a connection that broke and for a body that is not as chunked as it says. */
	if (result == CURLE_RECV_ERROR && strstr(transfer->message, "chunk"))
		return SW__HTTP_MALFORMED;
	for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
		if (fates[i].result == result)
			return fates[i].fate;
	}
	return SW__HTTP_MALFORMED;
}

struct sw__http_end sw__http_transfer_end(struct sw__http_transfer *transfer, CURLcode result)
{
	struct sw__http_end end = {
		.fate = fate_of(transfer, result),
		.status = sw__http_transfer_status(transfer),
		.message = transfer->message[0] ? transfer->message : curl_easy_strerror(result),
	};

	if (transfer->no_descriptor)
		end.message = "no descriptor for a connection: see ulimit -n";
	if (transfer->headers_endless ||
	    (end.fate == SW__HTTP_MALFORMED && result == CURLE_OUT_OF_MEMORY))
		end.message = "headers without an end";
	return end;
}
