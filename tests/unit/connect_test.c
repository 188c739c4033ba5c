/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of net/connect.c, over loopback. */
#include "unit/sockets.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>

#include "net/net.h"
#include "net/sockaddr.h"

/* the address tried last */
static size_t which;

static struct lws_addrs *
resolve(const char *host, int port, bool ipv6)
{
	char why[256] = "";
	struct lws_addrs *a = lws_addrs_resolve(host, port, ipv6, why,
						sizeof(why));

	if (!a)
		fail_msg("%s: %s", host, why);
	return a;
}

/* Go on until connected or out of addresses: a descriptor or the last rc. */
static int
connect_any(struct lws_addrs *a, const char *iface, char *why, size_t len)
{
	int fd, rc;

	while ((fd = lws_connect_next(a, iface, &which, why, len)) >= 0) {
		unit_assert_flags(fd, true);
		unit_wait(fd, POLLOUT);
		rc = lws_connect_finish(a, which, fd, why, len);
		if (!rc)
			return fd;
		assert_int_equal(rc, LWS_ERR_IO);
		close(fd);
	}
	return fd;
}

static void
test_literals_and_names_lead_to_the_listener(void **state)
{
	static const char *const rows[] = {
		"127.0.0.1", "localhost", "LOCALHOST", "[127.0.0.1]",
	};
	const int listener = unit_listener();
	const int port = unit_port_of(listener);
	char why[256], target[64], want[64];
	struct lws_addrs *a;
	size_t n;
	int fd;

	(void)state;
	snprintf(want, sizeof(want), "127.0.0.1:%d", port);
	for (n = 0; n < 2 * COUNT(rows); n++) {
		a = resolve(rows[n / 2], port, n % 2);
		fd = connect_any(a, NULL, why, sizeof(why));
		assert_true(fd >= 0);
		lws_connect_target(a, which, target, sizeof(target));
		assert_string_equal(target, want);
		close(fd);
		lws_addrs_free(a);
	}
	close(listener);
}

static void
test_names_are_asked_for_in_lower_case_but_not_their_interface(void **state)
{
	static const struct {
		const char *host, *asked;
	} rows[] = {
		{ "LOCALHOST", "localhost" },
		{ "AZ.az-09.Example", "az.az-09.example" },
		{ "[FE80::AB%Eth0]", "fe80::ab%Eth0" },
		{ "\xc4[Z]@", "\xc4[z]@" },
	};
	char name[LWS_HOST_LEN], why[256];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		assert_int_equal(lws_addrs_check(rows[n].host, 80, name, why,
						 sizeof(why)), 0);
		assert_string_equal(name, rows[n].asked);
	}
}

static void
test_ipv6_literals_work_with_and_without_brackets(void **state)
{
	static const char *const rows[] = { "::1", "[::1]" };
	const struct lws_listen_spec spec = {
		.iface = "::1", .backlog = 4, .ipv6 = true,
	};
	char why[256], target[64], want[64];
	struct lws_addrs *a;
	int listener, port, fd;
	size_t n;

	(void)state;
	listener = lws_listen_open(&spec, &port, why, sizeof(why));
	if (listener < 0)
		skip();
	snprintf(want, sizeof(want), "[::1]:%d", port);
	for (n = 0; n < COUNT(rows); n++) {
		a = resolve(rows[n], port, true);
		fd = connect_any(a, NULL, why, sizeof(why));
		assert_true(fd >= 0);
		lws_connect_target(a, which, target, sizeof(target));
		assert_string_equal(target, want);
		close(fd);
		lws_addrs_free(a);
	}
	close(listener);
}

static void
test_a_dead_port_refuses_by_name_then_none_is_left(void **state)
{
	const int refuser = unit_refuser(), port = unit_port_of(refuser);
	struct lws_addrs *a = resolve("127.0.0.1", port, true);
	char why[256] = "", want[64];

	(void)state;
	snprintf(want, sizeof(want), "connection refused by 127.0.0.1:%d",
		 port);
	assert_true(connect_any(a, NULL, why, sizeof(why)) < 0);
	assert_string_equal(why, want);
	assert_int_equal(lws_connect_next(a, NULL, &which, why, sizeof(why)),
			 LWS_ERR_NOENT);
	assert_string_equal(why, want);
	lws_addrs_free(a);
	lws_plat_close(refuser);
}

static void
test_what_has_no_address_says_so(void **state)
{
	static const struct {
		const char *host;
		int port;
		bool ipv6;
		const char *cause;
	} rows[] = {
		{ "no-such.invalid", 80, true, "no-such.invalid" },
		{ "::1", 80, false, "\"::1\"" },
		{ "[::1]", 80, false, "\"::1\"" },
		{ "1.2.3.4.5:6", 80, true, "1.2.3.4.5:6" },
		{ NULL, 80, true, "empty" },
		{ "", 80, true, "empty" },
		{ "127.0.0.1", 0, true, "port 0" },
		{ "127.0.0.1", -1, true, "port -1" },
		{ "127.0.0.1", 65536, true, "port 65536" },
	};
	char why[256];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		why[0] = '\0';
		assert_null(lws_addrs_resolve(rows[n].host, rows[n].port,
					      rows[n].ipv6, why,
					      sizeof(why)));
		if (!strstr(why, rows[n].cause))
			fail_msg("row %zu: \"%s\"", n, why);
		assert_null(strchr(why, '\n'));
	}
}

static void
test_names_of_any_length_are_survived(void **state)
{
	char host[NI_MAXHOST + 20], why[16];
	size_t len;

	(void)state;
	for (len = NI_MAXHOST - 5; len < NI_MAXHOST + 10; len++) {
		memset(host, ':', len);
		host[len] = '\0';
		assert_null(lws_addrs_resolve(host, 80, true, why,
					      sizeof(why)));
		host[0] = '[';
		host[len - 1] = ']';
		assert_null(lws_addrs_resolve(host, 80, true, why,
					      sizeof(why)));
	}
}

static void
test_the_source_address_is_the_one_asked_for(void **state)
{
	const int listener = unit_listener();
	const int port = unit_port_of(listener);
	struct lws_addrs *a = resolve("127.0.0.1", port, true);
	union lws_sockaddr from;
	socklen_t len = sizeof(from);
	char why[256], text[64];
	int fd = connect_any(a, "127.0.0.1", why, sizeof(why));

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, &from.sa, &len), 0);
	lws_addr_text(&from.sa, len, text, sizeof(text));
	assert_string_equal(text, "127.0.0.1");
	close(fd);
	lws_addrs_free(a);

	a = resolve("127.0.0.1", port, true);
	assert_int_equal(lws_connect_next(a, "nosuchif0", &which, why, sizeof(why)),
			 LWS_ERR_IO);
	assert_non_null(strstr(why, "127.0.0.1"));
	lws_addrs_free(a);
	a = resolve("127.0.0.1", port, true);
	assert_int_equal(lws_connect_next(a, "192.0.2.1", &which, why, sizeof(why)),
			 LWS_ERR_IO);
	lws_addrs_free(a);
	close(listener);
}

static void
test_out_of_descriptors_says_so_and_leaves_none(void **state)
{
	struct lws_addrs *a = resolve("127.0.0.1", 1, true);
	char why[256] = "";
	struct rlimit old;
	int rc;

	(void)state;
	old = unit_exhaust_fds();
	rc = lws_connect_next(a, NULL, &which, why, sizeof(why));
	unit_restore_fds(old);
	assert_int_equal(rc, LWS_ERR_NOFD);
	assert_non_null(strstr(why, "127.0.0.1:1"));
	lws_addrs_free(a);
}

static void
test_out_of_memory_says_so_and_leaks_nothing(void **state)
{
	char why[256] = "";

	(void)state;
	unit_allow(0);
	assert_null(lws_addrs_resolve("127.0.0.1", 80, true, why,
				      sizeof(why)));
	assert_string_equal(why, "out of memory");
	unit_allow(-1);
	lws_addrs_free(resolve("127.0.0.1", 80, true));
	assert_int_equal(unit_blocks, 0);
	lws_addrs_free(NULL);
}

static void
test_a_target_is_cut_to_its_buffer(void **state)
{
	struct lws_addrs *a = resolve("::1", 65535, true);
	char text[64], whole[64];
	size_t len;

	(void)state;
	which = 0;
	lws_connect_target(a, which, whole, sizeof(whole));
	assert_string_equal(whole, "[::1]:65535");
	for (len = 1; len <= strlen(whole) + 1; len++) {
		memset(text, '#', sizeof(text));
		lws_connect_target(a, which, text, len);
		assert_int_equal(strlen(text), len - 1);
		assert_memory_equal(text, whole, len - 1);
		assert_int_equal(text[len], '#');
	}
	lws_addrs_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals_and_names_lead_to_the_listener),
		cmocka_unit_test(
	test_names_are_asked_for_in_lower_case_but_not_their_interface),
		cmocka_unit_test(
			test_ipv6_literals_work_with_and_without_brackets),
		cmocka_unit_test(
			test_a_dead_port_refuses_by_name_then_none_is_left),
		cmocka_unit_test(test_what_has_no_address_says_so),
		cmocka_unit_test(test_names_of_any_length_are_survived),
		cmocka_unit_test(test_the_source_address_is_the_one_asked_for),
		cmocka_unit_test(
			test_out_of_descriptors_says_so_and_leaves_none),
		cmocka_unit_test(test_out_of_memory_says_so_and_leaks_nothing),
		cmocka_unit_test(test_a_target_is_cut_to_its_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
