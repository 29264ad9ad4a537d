// SPDX-License-Identifier: Apache-2.0
#include "drive/clients.h"

#include "check.h"

TEST(clients_send_in_the_order_in_which_they_are_free)
{
	struct sw__clients clients;

	CHECK(sw__clients_init(&clients, 3, 10));
	for (int i = 0; i < 3; i++) {
		CHECK_INT(sw__clients_next_ns(&clients), 10);
		sw__clients_take(&clients);
	}
	CHECK(sw__clients_next_ns(&clients) == UINT64_MAX);
	sw__clients_give(&clients, 20, false);
	sw__clients_give(&clients, 30, false);
	CHECK_INT(sw__clients_next_ns(&clients), 20);
	sw__clients_take(&clients);
	CHECK_INT(sw__clients_next_ns(&clients), 30);
	sw__clients_free(&clients);
}

TEST(a_client_waits_after_a_failure_and_holds_up_nobody)
{
	struct sw__clients clients;

	CHECK(sw__clients_init(&clients, 2, 0));
	sw__clients_take(&clients);
	sw__clients_take(&clients);
	sw__clients_give(&clients, 100, true);
	CHECK_INT(sw__clients_next_ns(&clients), 100 + SW__CLIENTS_PAUSE_NS);
	sw__clients_give(&clients, 200, false);
	CHECK_INT(sw__clients_next_ns(&clients), 200);
	for (uint64_t now = 200; now < SW__CLIENTS_PAUSE_NS; now += 1000000) {
		CHECK_INT(sw__clients_next_ns(&clients), now);
		sw__clients_take(&clients);
		sw__clients_give(&clients, now + 1000000, false);
	}
	CHECK_INT(sw__clients_next_ns(&clients), 100 + SW__CLIENTS_PAUSE_NS);
	sw__clients_free(&clients);
}

TEST_MAIN()
