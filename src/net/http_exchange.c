// SPDX-License-Identifier: Apache-2.0
#include "net/http_exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What libmicrohttpd asks for at once, and so the longest chunk. */
enum { BLOCK_BYTES = 16384, MARKS_FIRST = 64 };

/* Under the lock. */
static void wake(struct sw__http_exchange *exchange)
{
	if (!exchange->suspended || !exchange->connection)
		return;
	exchange->suspended = false;
	MHD_resume_connection(exchange->connection);
}

/* Under the lock. */
static void fall_asleep(struct sw__http_exchange *exchange)
{
	exchange->suspended = true;
	MHD_suspend_connection(exchange->connection);
}

static bool is_over(const struct sw__http_exchange *exchange)
{
	return exchange->state == SW__HTTP_ENDED || exchange->state == SW__HTTP_CUT ||
	       !exchange->connection;
}

static bool enlist(struct sw__http_server *server, struct sw__http_exchange *exchange)
{
	bool welcome;

	(void)pthread_mutex_lock(&server->lock);
	welcome = !atomic_load(&server->stopping);
	if (welcome) {
		exchange->next = server->exchanges;
		exchange->link = &server->exchanges;
		if (exchange->next)
			exchange->next->link = &exchange->next;
		server->exchanges = exchange;
	}
	(void)pthread_mutex_unlock(&server->lock);
	return welcome;
}

static void delist(struct sw__http_server *server, struct sw__http_exchange *exchange)
{
	(void)pthread_mutex_lock(&server->lock);
	*exchange->link = exchange->next;
	if (exchange->next)
		exchange->next->link = exchange->link;
	(void)pthread_mutex_unlock(&server->lock);
}

struct sw__http_exchange *sw__http_exchange_new(struct sw__http_server *server,
						struct MHD_Connection *connection)
{
	struct sw__http_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	atomic_init(&exchange->references, 1);
	(void)pthread_mutex_init(&exchange->lock, NULL);
	exchange->server = server;
	exchange->connection = connection;
	exchange->number = atomic_fetch_add(&server->last_number, 1) + 1;
	exchange->unsent_bytes_max = server->settings.unsent_bytes_max;
	exchange->sent = server->settings.sent;
	exchange->sent_context = server->settings.context;
	if (enlist(server, exchange))
		return exchange;
	sw__http_drop(exchange);
	return NULL;
}

void sw__http_drop(sw__http_exchange *exchange)
{
	if (atomic_fetch_sub(&exchange->references, 1) > 1)
		return;
	(void)pthread_mutex_destroy(&exchange->lock);
	sw_text_free(&exchange->upload);
	sw_text_free(&exchange->body);
	free(exchange->marks);
	free(exchange);
}

/* Calls back outside the lock: the holder may well answer or drop from there. */
static void tell_gone(struct sw__http_exchange *exchange)
{
	void (*gone)(void *, uint64_t);

	(void)pthread_mutex_lock(&exchange->lock);
	gone = exchange->gone;
	exchange->gone = NULL;
	(void)pthread_mutex_unlock(&exchange->lock);
	if (gone)
		gone(exchange->gone_context, exchange->gone_tag);
}

void sw__http_exchange_close(struct sw__http_exchange *exchange)
{
	struct sw__http_server *server = exchange->server;
	bool watched, unfinished;

	(void)pthread_mutex_lock(&exchange->lock);
	watched = exchange->watched;
	unfinished = exchange->state != SW__HTTP_ENDED;
	if (watched)
		sw__http_watch_remove(server->watch, exchange->connection);
	exchange->connection = NULL;
	(void)pthread_mutex_unlock(&exchange->lock);
	delist(server, exchange);
	atomic_fetch_sub(&server->uploads_bytes, exchange->upload_counted);
	if (unfinished)
		tell_gone(exchange);
	sw__http_drop(exchange);
}

void sw__http_exchange_gone(struct sw__http_exchange *exchange)
{
	bool was_over;

	(void)pthread_mutex_lock(&exchange->lock);
	was_over = is_over(exchange);
	exchange->state = SW__HTTP_CUT;
	wake(exchange);
	(void)pthread_mutex_unlock(&exchange->lock);
	if (!was_over)
		tell_gone(exchange);
}

void sw__http_exchange_watch(struct sw__http_exchange *exchange)
{
	(void)pthread_mutex_lock(&exchange->lock);
	if (exchange->connection && !exchange->watched)
		exchange->watched = sw__http_watch_add(exchange->server->watch,
						       exchange->connection, exchange->number);
	(void)pthread_mutex_unlock(&exchange->lock);
}

void sw__http_hold(sw__http_exchange *exchange, void (*gone)(void *context, uint64_t tag),
		   void *context, uint64_t tag)
{
	(void)pthread_mutex_lock(&exchange->lock);
	exchange->held = true;
	exchange->gone = gone;
	exchange->gone_context = context;
	exchange->gone_tag = tag;
	(void)pthread_mutex_unlock(&exchange->lock);
	atomic_fetch_add(&exchange->references, 1);
	sw__http_exchange_watch(exchange);
}

bool sw__http_answer(sw__http_exchange *exchange, unsigned status, const char *type,
		     const char *body, size_t size)
{
	bool in_time;

	(void)pthread_mutex_lock(&exchange->lock);
	in_time = exchange->state == SW__HTTP_OPEN && exchange->connection;
	if (in_time) {
		sw_text_add(&exchange->body, body, size);
		in_time = sw_text_ok(&exchange->body);
		exchange->state = in_time ? SW__HTTP_ENDED : SW__HTTP_CUT;
		exchange->status = status;
		exchange->type = type;
		wake(exchange);
	}
	(void)pthread_mutex_unlock(&exchange->lock);
	return in_time;
}

bool sw__http_begin(sw__http_exchange *exchange, unsigned status, const char *type)
{
	bool in_time;

	(void)pthread_mutex_lock(&exchange->lock);
	in_time = exchange->state == SW__HTTP_OPEN && exchange->connection;
	if (in_time) {
		exchange->state = SW__HTTP_BEGUN;
		exchange->streaming = true;
		exchange->status = status;
		exchange->type = type;
		wake(exchange);
	}
	(void)pthread_mutex_unlock(&exchange->lock);
	return in_time;
}

static bool add_mark(struct sw__http_exchange *exchange, double due_s)
{
	if (exchange->n_marks == exchange->marks_capacity) {
		size_t capacity =
			exchange->marks_capacity ? 2 * exchange->marks_capacity : MARKS_FIRST;
		struct sw__http_mark *marks =
			reallocarray(exchange->marks, capacity, sizeof(*marks));

		if (!marks)
			return false;
		exchange->marks = marks;
		exchange->marks_capacity = capacity;
	}
	exchange->marks[exchange->n_marks++] = (struct sw__http_mark){exchange->pushed, due_s};
	return true;
}

/* Under the lock. */
static bool append(struct sw__http_exchange *exchange, const char *bytes, size_t size, double due_s)
{
	if (exchange->body.size - exchange->taken + size > exchange->unsent_bytes_max)
		return false;
	sw_text_add(&exchange->body, bytes, size);
	exchange->pushed += size;
	if (exchange->sent && !isnan(due_s) && !add_mark(exchange, due_s))
		return false;
	return sw_text_ok(&exchange->body);
}

bool sw__http_push(sw__http_exchange *exchange, const char *bytes, size_t size, double due_s)
{
	bool taken;

	(void)pthread_mutex_lock(&exchange->lock);
	taken = exchange->state == SW__HTTP_BEGUN && exchange->connection;
	if (taken) {
		taken = append(exchange, bytes, size, due_s);
		if (!taken)
			exchange->state = SW__HTTP_CUT;
		wake(exchange);
	}
	(void)pthread_mutex_unlock(&exchange->lock);
	return taken;
}

void sw__http_end(sw__http_exchange *exchange)
{
	(void)pthread_mutex_lock(&exchange->lock);
	if (exchange->state == SW__HTTP_BEGUN) {
		exchange->state = SW__HTTP_ENDED;
		wake(exchange);
	}
	(void)pthread_mutex_unlock(&exchange->lock);
}

void sw__http_cut(sw__http_exchange *exchange)
{
	(void)pthread_mutex_lock(&exchange->lock);
	exchange->state = SW__HTTP_CUT;
	exchange->gone = NULL;
	wake(exchange);
	(void)pthread_mutex_unlock(&exchange->lock);
}

/* libmicrohttpd asks for more only once all before has gone to the kernel. */
static void report_sent(struct sw__http_exchange *exchange, uint64_t position)
{
	while (exchange->first_mark < exchange->n_marks &&
	       exchange->marks[exchange->first_mark].end <= position)
		exchange->sent(exchange->sent_context,
			       exchange->marks[exchange->first_mark++].due_s);
	if (exchange->first_mark == exchange->n_marks)
		exchange->first_mark = exchange->n_marks = 0;
}

static ssize_t take(struct sw__http_exchange *exchange, char *out, size_t size)
{
	size_t n = exchange->body.size - exchange->taken;

	if (n > size)
		n = size;
	memcpy(out, exchange->body.data + exchange->taken, n);
	exchange->taken += n;
	if (exchange->taken == exchange->body.size)
		exchange->taken = exchange->body.size = 0;
	return (ssize_t)n;
}

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t size)
{
	struct sw__http_exchange *exchange = context;
	ssize_t n = 0;

	(void)pthread_mutex_lock(&exchange->lock);
	report_sent(exchange, position);
	if (exchange->state == SW__HTTP_CUT)
		n = MHD_CONTENT_READER_END_WITH_ERROR;
	else if (exchange->body.size > exchange->taken)
		n = take(exchange, out, size);
	else if (exchange->state == SW__HTTP_ENDED)
		n = MHD_CONTENT_READER_END_OF_STREAM;
	else
		fall_asleep(exchange);
	(void)pthread_mutex_unlock(&exchange->lock);
	return n;
}

static void drop_reader(void *context)
{
	sw__http_drop(context);
}

static bool add_headers(const struct sw__http_exchange *exchange, struct MHD_Response *response)
{
	if (exchange->status == MHD_HTTP_METHOD_NOT_ALLOWED && exchange->allow &&
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, exchange->allow))
		return false;
	return MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->type);
}

static struct MHD_Response *make_response(struct sw__http_exchange *exchange)
{
	struct MHD_Response *response;

	if (!exchange->streaming)
		return MHD_create_response_from_buffer(exchange->body.size,
						       (void *)sw_text_string(&exchange->body),
						       MHD_RESPMEM_MUST_COPY);
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream,
						     exchange, drop_reader);
	if (response)
		atomic_fetch_add(&exchange->references, 1);
	return response;
}

/*
 * Without the lock: the server's library holds one of its own over a response when it asks the reader for more, and once
 * something has been said neither status nor a whole body changes.
 */
static enum MHD_Result queue(struct sw__http_exchange *exchange)
{
	struct MHD_Response *response = make_response(exchange);
	enum MHD_Result queued = MHD_NO;

	if (!response)
		return MHD_NO;
	if (add_headers(exchange, response))
		queued = MHD_queue_response(exchange->connection, exchange->status, response);
	MHD_destroy_response(response);
	return queued;
}

enum MHD_Result sw__http_exchange_settle(struct sw__http_exchange *exchange)
{
	enum sw__http_state state;

	(void)pthread_mutex_lock(&exchange->lock);
	state = exchange->state;
	if (state == SW__HTTP_OPEN)
		fall_asleep(exchange);
	(void)pthread_mutex_unlock(&exchange->lock);
	if (state == SW__HTTP_OPEN)
		return MHD_YES;
	return state == SW__HTTP_CUT ? MHD_NO : queue(exchange);
}
