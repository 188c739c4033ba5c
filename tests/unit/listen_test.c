/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of net/listen.c. */
#include "unit/sockets.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/wait.h>

#include "net/net.h"

static const char *
loopback(void)
{
	return if_nametoindex("lo") ? "lo" : "lo0";
}

static bool
system_has_ipv6(void)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6 };
	const int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool yes;

	at.sin6_addr = in6addr_loopback;
	yes = fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof(at));
	if (fd >= 0)
		close(fd);
	return yes;
}

/* Can a connection be made to @text:@port, and is it one for @listener? */
static bool
reaches(int listener, const char *text, int port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	const bool six = strchr(text, ':') != NULL;
	int fd, taken = -1;
	bool ok;

	v6.sin6_port = v4.sin_port = htons((uint16_t)port);
	assert_int_equal(six ? inet_pton(AF_INET6, text, &v6.sin6_addr)
			     : inet_pton(AF_INET, text, &v4.sin_addr), 1);
	fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return false;
	ok = !(six ? connect(fd, (struct sockaddr *)&v6, sizeof(v6))
		   : connect(fd, (struct sockaddr *)&v4, sizeof(v4)));
	if (ok) {
		unit_wait(listener, POLLIN);
		taken = lws_plat_accept(listener);
		ok = taken >= 0;
		close(taken);
	}
	close(fd);
	return ok;
}

/* Open as told and expect success. */
static int
open_one(const char *iface, bool ipv6, int *port)
{
	const struct lws_listen_spec spec = {
		.iface = iface, .backlog = 16, .ipv6 = ipv6,
	};
	char why[256] = "";
	const int fd = lws_listen_open(&spec, port, why, sizeof(why));

	if (fd < 0)
		fail_msg("%s: %d, %s", iface ? iface : "everywhere", fd, why);
	assert_in_range(*port, 1, 65535);
	unit_assert_flags(fd, true);
	return fd;
}

static void
test_everywhere_is_both_families_or_ipv4_alone(void **state)
{
	int port, fd = open_one(NULL, false, &port);

	(void)state;
	assert_true(reaches(fd, "127.0.0.1", port));
	if (system_has_ipv6())
		assert_false(reaches(fd, "::1", port));
	close(fd);

	fd = open_one(NULL, true, &port);
	assert_true(reaches(fd, "127.0.0.1", port));
	if (system_has_ipv6())
		assert_true(reaches(fd, "::1", port));
	close(fd);
}

static void
test_an_interface_or_an_address_is_all_that_is_bound(void **state)
{
	const char *const rows[] = { "127.0.0.1", loopback() };
	int port, fd;
	size_t n;

	(void)state;
	for (n = 0; n < 2 * COUNT(rows); n++) {
		fd = open_one(rows[n / 2], n % 2, &port);
		assert_true(reaches(fd, "127.0.0.1", port));
		if (system_has_ipv6())
			assert_false(reaches(fd, "::1", port));
		close(fd);
	}
#ifdef __linux__
	fd = open_one("127.0.0.1", true, &port);
	assert_false(reaches(fd, "127.0.0.2", port));
	close(fd);
#endif
}

static void
test_ipv6_literals_are_bound(void **state)
{
	int port, fd;

	(void)state;
	if (!system_has_ipv6())
		skip();
	fd = open_one("::1", true, &port);
	assert_true(reaches(fd, "::1", port));
	assert_false(reaches(fd, "127.0.0.1", port));
	close(fd);
	fd = open_one("::", true, &port);
	assert_true(reaches(fd, "::1", port));
	assert_true(reaches(fd, "127.0.0.1", port));
	close(fd);
}

static void
test_the_port_asked_for_is_the_port_given(void **state)
{
	struct lws_listen_spec spec = { .iface = "127.0.0.1", .backlog = 1 };
	char why[256];
	int port = -1, fd = -1, n;

	(void)state;
	/* somebody else may be given the port in between */
	for (n = 0; n < 20 && fd < 0; n++) {
		fd = unit_refuser();
		spec.port = unit_port_of(fd);
		lws_plat_close(fd);
		fd = lws_listen_open(&spec, &port, why, sizeof(why));
	}
	assert_true(fd >= 0);
	assert_int_equal(port, spec.port);
	close(fd);
}

/* Open and expect @rc, and one line with both @cause and @cure in it. */
static void
refuse(const struct lws_listen_spec *spec, int rc, const char *cause,
       const char *cure)
{
	char why[256] = "";
	int port = -4711;
	const int got = lws_listen_open(spec, &port, why, sizeof(why));

	if (got != rc || !strstr(why, cause) || !strstr(why, cure))
		fail_msg("%d \"%s\" is not %d with \"%s\" and \"%s\"", got,
			 why, rc, cause, cure);
	assert_null(strchr(why, '\n'));
	assert_int_equal(port, -4711);
}

static void
test_a_port_in_use_is_named(void **state)
{
	struct lws_listen_spec spec = { .backlog = 1 };
	char cause[64];
	const int holder = open_one(NULL, true, &spec.port);
	int n;

	(void)state;
	snprintf(cause, sizeof(cause), "port %d is in use", spec.port);
	for (n = 0; n < 2; n++) {
		spec.ipv6 = n;
		refuse(&spec, LWS_ERR_IO, cause, "choose another port");
	}
	spec.iface = "127.0.0.1";
	refuse(&spec, LWS_ERR_IO, cause, "stop the program");
	close(holder);
}

static void
test_an_interface_that_is_not_there_is_named(void **state)
{
	static const char *const rows[] = {
		"nosuchif0", "", "1.2.3", "300.0.0.1", "localhost",
	};
	struct lws_listen_spec spec = { .backlog = 1 };
	char cause[64];
	size_t n;

	(void)state;
	for (n = 0; n < 2 * COUNT(rows); n++) {
		spec.iface = rows[n / 2];
		spec.ipv6 = n % 2;
		snprintf(cause, sizeof(cause), "\"%s\"", spec.iface);
		refuse(&spec, LWS_ERR_NOENT, cause, "choose one");
	}
	spec.iface = "::1";
	spec.ipv6 = false;
	refuse(&spec, LWS_ERR_NOENT, "IPv4", "choose one");
}

static void
test_an_address_that_is_not_ours_is_named(void **state)
{
	const struct lws_listen_spec spec = {
		.iface = "192.0.2.1", .backlog = 1, .ipv6 = true,
	};

	(void)state;
	refuse(&spec, LWS_ERR_NOENT, "192.0.2.1", "choose one");
}

static void
test_ports_out_of_range_are_named(void **state)
{
	static const int rows[] = { -1, 65536, 70000, -2147483647 - 1 };
	struct lws_listen_spec spec = { .backlog = 1 };
	char cause[64];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		spec.port = rows[n];
		snprintf(cause, sizeof(cause), "no port %d", rows[n]);
		refuse(&spec, LWS_ERR_NOENT, cause, "from 0 to 65535");
	}
}

/* In a child that is not root; 77 when its ports are free to all. */
static int
try_root_port(void)
{
	const struct lws_listen_spec spec = { .port = 81, .backlog = 1 };
	char why[256] = "";
	int port, fd;

	if (!geteuid() && setuid(65534))
		return 77;
	fd = lws_listen_open(&spec, &port, why, sizeof(why));
	if (fd >= 0)
		return 77;
	return fd == LWS_ERR_ACCESS &&
	       !strcmp(why, "port 81 needs privileges: run as root or choose "
			    "a port above 1023") ? 0 : 1;
}

static void
test_a_port_that_needs_privileges_says_so(void **state)
{
	const pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (!child)
		_exit(try_root_port());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_out_of_descriptors_says_so(void **state)
{
	const struct lws_listen_spec spec = { .backlog = 1, .ipv6 = true };
	char why[256] = "";
	struct rlimit old;
	int port, rc;

	(void)state;
	old = unit_exhaust_fds();
	rc = lws_listen_open(&spec, &port, why, sizeof(why));
	unit_restore_fds(old);
	assert_int_equal(rc, LWS_ERR_NOFD);
	assert_non_null(strstr(why, "limit of open files"));
}

static void
test_shared_ports_take_several_listeners(void **state)
{
	struct lws_listen_spec spec = {
		.iface = "127.0.0.1", .backlog = 1, .reuse_port = true,
	};
	char why[256];
	int first, second, port;

	(void)state;
	first = lws_listen_open(&spec, &port, why, sizeof(why));
	if (first == LWS_ERR_UNSUPPORTED)
		skip();
	assert_true(first >= 0);
	spec.port = port;
	second = lws_listen_open(&spec, &port, why, sizeof(why));
	assert_true(second >= 0);
	assert_int_equal(port, spec.port);
	spec.reuse_port = false;
	refuse(&spec, LWS_ERR_IO, "in use", "choose another");
	close(first);
	close(second);
}

static void
test_failures_leave_no_descriptor_behind(void **state)
{
	const int before = dup(STDIN_FILENO);
	struct lws_listen_spec spec = { .iface = "192.0.2.1" };
	char why[8];
	int port, after;

	(void)state;
	close(before);
	assert_true(lws_listen_open(&spec, &port, why, sizeof(why)) < 0);
	assert_int_equal(strlen(why), sizeof(why) - 1);
	assert_true(lws_listen_open(&spec, &port, NULL, 0) < 0);
	after = dup(STDIN_FILENO);
	close(after);
	assert_int_equal(after, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_everywhere_is_both_families_or_ipv4_alone),
		cmocka_unit_test(
			test_an_interface_or_an_address_is_all_that_is_bound),
		cmocka_unit_test(test_ipv6_literals_are_bound),
		cmocka_unit_test(test_the_port_asked_for_is_the_port_given),
		cmocka_unit_test(test_a_port_in_use_is_named),
		cmocka_unit_test(test_an_interface_that_is_not_there_is_named),
		cmocka_unit_test(test_an_address_that_is_not_ours_is_named),
		cmocka_unit_test(test_ports_out_of_range_are_named),
		cmocka_unit_test(test_a_port_that_needs_privileges_says_so),
		cmocka_unit_test(test_out_of_descriptors_says_so),
		cmocka_unit_test(test_shared_ports_take_several_listeners),
		cmocka_unit_test(test_failures_leave_no_descriptor_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
