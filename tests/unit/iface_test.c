/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/iface.c. */
#include "unit/unit.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/err.h"
#include "plat/plat.h"

/* Linux and the BSDs disagree */
static const char *
loopback(void)
{
	return if_nametoindex("lo") ? "lo" : "lo0";
}

/* What @name gives for @family, as text; NULL when there is none. */
static const char *
text_of(const char *name, int family, char text[INET6_ADDRSTRLEN])
{
	struct sockaddr_storage at;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	socklen_t len = 0;
	const int rc = lws_plat_iface_addr(name, family, &at, &len);

	if (rc) {
		assert_int_equal(rc, LWS_ERR_NOENT);
		return NULL;
	}
	if (at.ss_family == AF_INET) {
		memcpy(&v4, &at, sizeof(v4));
		assert_int_equal(len, sizeof(v4));
		assert_int_equal(v4.sin_port, 0);
		return inet_ntop(AF_INET, &v4.sin_addr, text,
				 INET6_ADDRSTRLEN);
	}
	memcpy(&v6, &at, sizeof(v6));
	assert_int_equal(at.ss_family, AF_INET6);
	assert_int_equal(len, sizeof(v6));
	assert_int_equal(v6.sin6_port, 0);
	return inet_ntop(AF_INET6, &v6.sin6_addr, text, INET6_ADDRSTRLEN);
}

static void
test_a_literal_stands_for_itself(void **state)
{
	static const struct {
		const char *name;
		int family;
		const char *want;
	} rows[] = {
		{ "127.0.0.1", AF_UNSPEC, "127.0.0.1" },
		{ "127.0.0.1", AF_INET, "127.0.0.1" },
		{ "127.0.0.1", AF_INET6, NULL },
		{ "0.0.0.0", AF_INET, "0.0.0.0" },
		{ "192.0.2.17", AF_UNSPEC, "192.0.2.17" },
		{ "::1", AF_UNSPEC, "::1" },
		{ "::1", AF_INET6, "::1" },
		{ "::1", AF_INET, NULL },
		{ "::", AF_UNSPEC, "::" },
		{ "2001:db8::5", AF_INET6, "2001:db8::5" },
	};
	char text[INET6_ADDRSTRLEN];
	const char *got;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		got = text_of(rows[n].name, rows[n].family, text);
		if (!got != !rows[n].want ||
		    (got && strcmp(got, rows[n].want)))
			fail_msg("%s, family %d: %s", rows[n].name,
				 rows[n].family, got ? got : "none");
	}
}

static void
test_a_literal_may_name_its_scope(void **state)
{
	struct sockaddr_storage at;
	struct sockaddr_in6 v6;
	char name[64] = "fe80::1%";
	socklen_t len;

	(void)state;
	strcat(name, loopback());
	assert_int_equal(lws_plat_iface_addr(name, AF_UNSPEC, &at, &len), 0);
	memcpy(&v6, &at, sizeof(v6));
	assert_int_equal(v6.sin6_scope_id, if_nametoindex(loopback()));
}

static void
test_an_interface_gives_its_ipv4_address_first(void **state)
{
	char text[INET6_ADDRSTRLEN];

	(void)state;
	assert_string_equal(text_of(loopback(), AF_INET, text), "127.0.0.1");
	assert_string_equal(text_of(loopback(), AF_UNSPEC, text),
			    "127.0.0.1");
}

static void
test_an_interface_gives_its_ipv6_address_when_asked(void **state)
{
	char text[INET6_ADDRSTRLEN];
	const char *got = text_of(loopback(), AF_INET6, text);

	(void)state;
	if (!got)
		skip();
	assert_string_equal(got, "::1");
}

static void
test_what_is_neither_gives_nothing(void **state)
{
	static const char *const rows[] = {
		"", "nosuchif0", "lo ", "127.0.0.1 ", "127.0.0.256", "1",
		"localhost", ":::1", "%", "a name longer than any interface's",
	};
	char text[INET6_ADDRSTRLEN];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		assert_null(text_of(rows[n], AF_UNSPEC, text));
		assert_null(text_of(rows[n], AF_INET, text));
		assert_null(text_of(rows[n], AF_INET6, text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_literal_stands_for_itself),
		cmocka_unit_test(test_a_literal_may_name_its_scope),
		cmocka_unit_test(
			test_an_interface_gives_its_ipv4_address_first),
		cmocka_unit_test(
			test_an_interface_gives_its_ipv6_address_when_asked),
		cmocka_unit_test(test_what_is_neither_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
