/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of net/peer.c. */
#include "unit/sockets.h"

#include <net/if.h>
#include <stdio.h>

#include "net/net.h"
#include "net/sockaddr.h"

static socklen_t
make(const char *text, union lws_sockaddr *at)
{
	memset(at, 0, sizeof(*at));
	if (strchr(text, ':')) {
		at->v6.sin6_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text,
					   &at->v6.sin6_addr), 1);
		return sizeof(at->v6);
	}
	at->v4.sin_family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, text, &at->v4.sin_addr), 1);
	return sizeof(at->v4);
}

static void
test_addresses_read_as_one_writes_them(void **state)
{
	static const char *const rows[][2] = {
		{ "127.0.0.1", "127.0.0.1" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::1", "::1" },
		{ "::", "::" },
		{ "2001:0db8:0:0:0:0:0:0017", "2001:db8::17" },
		{ "::ffff:192.0.2.9", "192.0.2.9" },
		{ "::ffff:127.0.0.1", "127.0.0.1" },
	};
	union lws_sockaddr at;
	char text[64];
	socklen_t len;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		len = make(rows[n][0], &at);
		lws_addr_text(&at.sa, len, text, sizeof(text));
		assert_string_equal(text, rows[n][1]);
	}
}

static void
test_a_scope_is_told(void **state)
{
	const char *name = if_nametoindex("lo") ? "lo" : "lo0";
	union lws_sockaddr at;
	char text[64], want[64];
	socklen_t len = make("fe80::7", &at);

	(void)state;
	at.v6.sin6_scope_id = if_nametoindex(name);
	lws_addr_text(&at.sa, len, text, sizeof(text));
	snprintf(want, sizeof(want), "fe80::7%%%s", name);
	assert_string_equal(text, want);
}

static void
test_other_families_and_cut_addresses_are_nothing(void **state)
{
	union lws_sockaddr at;
	char text[64];
	socklen_t len, whole = make("127.0.0.1", &at);

	(void)state;
	for (len = 0; len < whole; len++) {
		strcpy(text, "x");
		lws_addr_text(&at.sa, len, text, sizeof(text));
		assert_string_equal(text, "");
	}
	whole = make("::1", &at);
	for (len = 0; len < whole; len++) {
		strcpy(text, "x");
		lws_addr_text(&at.sa, len, text, sizeof(text));
		assert_string_equal(text, "");
	}
	memset(&at, 0, sizeof(at));
	at.sa.sa_family = AF_UNIX;
	lws_addr_text(&at.sa, sizeof(at), text, sizeof(text));
	assert_string_equal(text, "");
	at.sa.sa_family = AF_INET;
	lws_addr_text(&at.sa, sizeof(at) + 1, text, sizeof(text));
	assert_string_equal(text, "");
}

static void
test_text_is_cut_to_its_buffer_and_terminated(void **state)
{
	static const char whole[] = "192.0.2.199";
	union lws_sockaddr at;
	const socklen_t len = make(whole, &at);
	char text[32];
	size_t room;

	(void)state;
	for (room = 0; room < sizeof(text); room++) {
		const size_t want = room > sizeof(whole) ? sizeof(whole) - 1 :
			room ? room - 1 : 0;

		memset(text, '#', sizeof(text));
		lws_addr_text(&at.sa, len, text, room);
		if (room) {
			assert_int_equal(strlen(text), want);
			assert_memory_equal(text, whole, want);
		}
		assert_int_equal(text[room], '#');
	}
}

static void
test_the_peer_of_a_connection_is_told(void **state)
{
	char name[128], addr[64];
	int ends[2], n;

	(void)state;
	unit_connection(ends);
	for (n = 0; n < 2; n++) {
		memset(name, '#', sizeof(name));
		memset(addr, '#', sizeof(addr));
		lws_peer_describe(ends[n], name, sizeof(name), addr,
				  sizeof(addr));
		assert_string_equal(addr, "127.0.0.1");
		assert_non_null(memchr(name, '\0', sizeof(name)));
		assert_string_not_equal(name, "127.0.0.1");
	}
	lws_peer_describe(ends[0], NULL, 0, addr, 4);
	assert_string_equal(addr, "127");
	addr[0] = '#';
	lws_peer_describe(ends[0], NULL, 0, addr, 0);
	assert_int_equal(addr[0], '#');
	close(ends[0]);
	close(ends[1]);
}

static void
test_an_ipv4_peer_of_both_families_is_shown_as_such(void **state)
{
	const struct lws_listen_spec spec = { .backlog = 4, .ipv6 = true };
	char addr[64], why[128];
	int listener, port, client, server;

	(void)state;
	listener = lws_listen_open(&spec, &port, why, sizeof(why));
	assert_true(listener >= 0);
	client = unit_connect(port);
	unit_wait(listener, POLLIN);
	server = lws_plat_accept(listener);
	assert_true(server >= 0);
	lws_peer_describe(server, NULL, 0, addr, sizeof(addr));
	assert_string_equal(addr, "127.0.0.1");
	close(server);
	close(client);
	close(listener);
}

static void
test_who_has_no_peer_has_no_address(void **state)
{
	char name[16], addr[16];
	int pair[2], listener = unit_listener();

	(void)state;
	memset(name, '#', sizeof(name));
	memset(addr, '#', sizeof(addr));
	lws_peer_describe(listener, name, sizeof(name), addr, sizeof(addr));
	assert_string_equal(name, "");
	assert_string_equal(addr, "");
	close(listener);
	memset(addr, '#', sizeof(addr));
	lws_peer_describe(-1, NULL, 0, addr, sizeof(addr));
	assert_string_equal(addr, "");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	memset(addr, '#', sizeof(addr));
	lws_peer_describe(pair[0], NULL, 0, addr, sizeof(addr));
	assert_string_equal(addr, "");
	close(pair[0]);
	close(pair[1]);
}

static void
test_the_public_call_takes_both_forms_and_odd_lengths(void **state)
{
	char name[64], addr[64];
	int ends[2];

	(void)state;
	unit_connection(ends);
	libwebsockets_get_peer_addresses(NULL, NULL, ends[0], name,
					 sizeof(name), addr, sizeof(addr));
	assert_string_equal(addr, "127.0.0.1");
	memset(addr, '#', sizeof(addr));
	libwebsockets_get_peer_addresses(ends[0], name, sizeof(name), addr,
					 sizeof(addr));
	assert_string_equal(addr, "127.0.0.1");

	addr[0] = name[0] = '#';
	libwebsockets_get_peer_addresses(NULL, NULL, ends[0], name, -1, addr,
					 0);
	assert_int_equal(name[0], '#');
	assert_int_equal(addr[0], '#');
	libwebsockets_get_peer_addresses(NULL, NULL, ends[0], NULL, 10, NULL,
					 10);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_read_as_one_writes_them),
		cmocka_unit_test(test_a_scope_is_told),
		cmocka_unit_test(
			test_other_families_and_cut_addresses_are_nothing),
		cmocka_unit_test(test_text_is_cut_to_its_buffer_and_terminated),
		cmocka_unit_test(test_the_peer_of_a_connection_is_told),
		cmocka_unit_test(
			test_an_ipv4_peer_of_both_families_is_shown_as_such),
		cmocka_unit_test(test_who_has_no_peer_has_no_address),
		cmocka_unit_test(
			test_the_public_call_takes_both_forms_and_odd_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
