// SPDX-License-Identifier: Apache-2.0
#include "drive/clients.h"

#include <assert.h>
#include <stdlib.h>

enum { GOING_ON, WAITING };

static void append(struct sw__clients *clients, int queue, uint64_t at_ns)
{
	assert(clients->n[queue] < clients->capacity);
	clients->ready[queue][(clients->first[queue] + clients->n[queue]) % clients->capacity] =
		at_ns;
	clients->n[queue]++;
}

bool sw__clients_init(struct sw__clients *clients, size_t n, uint64_t start_ns)
{
	*clients = (struct sw__clients){.capacity = n};
	for (int queue = 0; queue < 2; queue++) {
		clients->ready[queue] = calloc(n, sizeof(uint64_t));
		if (!clients->ready[queue])
			return false;
	}
	for (size_t i = 0; i < n; i++)
		append(clients, GOING_ON, start_ns);
	return true;
}

void sw__clients_free(struct sw__clients *clients)
{
	free(clients->ready[GOING_ON]);
	free(clients->ready[WAITING]);
	*clients = (struct sw__clients){.capacity = 0};
}

static uint64_t head(const struct sw__clients *clients, int queue)
{
	return clients->n[queue] ? clients->ready[queue][clients->first[queue]] : UINT64_MAX;
}

static int earliest(const struct sw__clients *clients)
{
	return head(clients, GOING_ON) <= head(clients, WAITING) ? GOING_ON : WAITING;
}

uint64_t sw__clients_next_ns(const struct sw__clients *clients)
{
	return head(clients, earliest(clients));
}

void sw__clients_take(struct sw__clients *clients)
{
	int queue = earliest(clients);

	assert(clients->n[queue]);
	clients->first[queue] = (clients->first[queue] + 1) % clients->capacity;
	clients->n[queue]--;
}

void sw__clients_give(struct sw__clients *clients, uint64_t now_ns, bool failed)
{
	append(clients, failed ? WAITING : GOING_ON,
	       failed ? now_ns + SW__CLIENTS_PAUSE_NS : now_ns);
}
