/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of net/connect.c on what a resolver may answer and a system refuse.
 * The source is compiled in here under names of its own, between a resolver
 * and sockets that do and remember what the tests say.
 */
#include "unit/unit.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>

#include "net/net.h"
#include "net/sockaddr.h"
#include "plat/plat.h"

#define MOST 40

/* ---- the resolver ---- */

/* what each question in turn gets: "464" is IPv4, IPv6, IPv4; else an error */
static struct {
	const char *families;
	int error;
} answers[4];

static struct {
	int count;
	int flags[4], family[4];
} asked;

static struct {
	struct addrinfo info;
	union lws_sockaddr at;
} entries[MOST];

static int lists_given;

/* The last byte of an address is its place in the answer, from 1. */
static struct addrinfo *
make_list(const char *families)
{
	size_t n;

	memset(entries, 0, sizeof(entries));
	for (n = 0; families[n]; n++) {
		struct addrinfo *info = &entries[n].info;
		union lws_sockaddr *at = &entries[n].at;

		assert_true(n < MOST);
		info->ai_addr = &at->sa;
		if (families[n] == '4') {
			info->ai_family = AF_INET;
			info->ai_addrlen = sizeof(at->v4);
			at->v4.sin_addr.s_addr =
				htonl(0x7f000001u + (uint32_t)n);
		} else {
			info->ai_family = AF_INET6;
			info->ai_addrlen = sizeof(at->v6);
			at->v6.sin6_addr.s6_addr[0] = 0x20;
			at->v6.sin6_addr.s6_addr[15] = (uint8_t)(n + 1);
		}
		at->sa.sa_family = (sa_family_t)info->ai_family;
		if (n)
			entries[n - 1].info.ai_next = info;
	}
	return &entries[0].info;
}

static int
fake_getaddrinfo(const char *node, const char *service,
		 const struct addrinfo *hints, struct addrinfo **found)
{
	const int n = asked.count++;

	assert_non_null(node);
	assert_null(service);
	assert_true(n < 4);
	assert_int_equal(hints->ai_socktype, SOCK_STREAM);
	asked.flags[n] = hints->ai_flags;
	asked.family[n] = hints->ai_family;
	if (!answers[n].families)
		return answers[n].error;
	*found = make_list(answers[n].families);
	lists_given++;
	return 0;
}

static void
fake_freeaddrinfo(struct addrinfo *list)
{
	assert_ptr_equal(list, &entries[0].info);
	lists_given--;
}

/* ---- the sockets ---- */

#define SOME_FD 4711

static struct {
	int socket_rc, connect_rc, error, result;
	int open;
	union lws_sockaddr to;
	socklen_t to_len;
} net;

static int
fake_socket(int family)
{
	(void)family;
	errno = net.error;
	if (net.socket_rc)
		return net.socket_rc;
	net.open++;
	return SOME_FD;
}

static int
fake_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	assert_int_equal(fd, SOME_FD);
	assert_true(len <= sizeof(net.to));
	memcpy(&net.to, to, len);
	net.to_len = len;
	errno = net.error;
	return net.connect_rc;
}

static int
fake_connect_result(int fd)
{
	assert_int_equal(fd, SOME_FD);
	return net.result;
}

static void
fake_close(int fd)
{
	assert_int_equal(fd, SOME_FD);
	net.open--;
}

#define lws_addrs_resolve	order_resolve
#define lws_addrs_free		order_free
#define lws_addrs_check		order_check
#define lws_addrs_is_literal	order_is_literal
#define lws_addrs_ask		order_ask
#define lws_addrs_found		order_found
#define lws_connect_next	order_next
#define lws_connect_more	order_more
#define lws_connect_finish	order_finish
#define lws_connect_target	order_target
#define lws_plat_socket		fake_socket
#define lws_plat_connect	fake_connect
#define lws_plat_connect_result fake_connect_result
#define lws_plat_close		fake_close
#define getaddrinfo		fake_getaddrinfo
#define freeaddrinfo		fake_freeaddrinfo

struct lws_addrs *order_resolve(const char *host, int port, bool ipv6,
				char *why, size_t why_len);
void order_free(struct lws_addrs *a);
int order_check(const char *host, int port, char name[LWS_HOST_LEN],
		char *why, size_t why_len);
bool order_is_literal(const char *name);
int order_ask(const char *name, bool ipv6, struct addrinfo **found);
struct lws_addrs *order_found(const struct lws_addrs_answer *answer,
			      char *why, size_t why_len);
int order_next(struct lws_addrs *a, const char *iface, size_t *which,
	       char *why, size_t why_len);
bool order_more(const struct lws_addrs *a);
int order_finish(const struct lws_addrs *a, size_t which, int fd, char *why,
		 size_t why_len);
void order_target(const struct lws_addrs *a, size_t which, char *text,
		  size_t len);

#include "net/connect.c"

/* ---- the tests ---- */

static char why[128];
static size_t which;

static int
forget(void **state)
{
	(void)state;
	memset(answers, 0, sizeof(answers));
	memset(&asked, 0, sizeof(asked));
	memset(&net, 0, sizeof(net));
	memset(why, 0, sizeof(why));
	lists_given = 0;
	return 0;
}

static struct lws_addrs *
ask(const char *host, bool ipv6)
{
	struct lws_addrs *a = lws_addrs_resolve(host, 7681, ipv6, why,
						sizeof(why));

	assert_int_equal(lists_given, 0);
	return a;
}

static void
test_literals_are_looked_up_without_asking_anybody(void **state)
{
	struct lws_addrs *a;

	(void)state;
	answers[0].families = "4";
	a = ask("127.0.0.1", true);
	assert_non_null(a);
	assert_int_equal(asked.count, 1);
	assert_true(asked.flags[0] & AI_NUMERICHOST);
	assert_int_equal(asked.family[0], AF_UNSPEC);
	lws_addrs_free(a);
}

static void
test_names_are_asked_for_in_the_families_we_have(void **state)
{
	struct lws_addrs *a;

	(void)state;
	answers[0].error = EAI_NONAME;
	answers[1].families = "64";
	a = ask("example.org", true);
	assert_non_null(a);
	assert_int_equal(asked.count, 2);
	assert_int_equal(asked.flags[1], AI_ADDRCONFIG);
	lws_addrs_free(a);
}

static void
test_loopback_names_work_without_a_network(void **state)
{
	struct lws_addrs *a;

	(void)state;
	answers[0].error = EAI_NONAME;
	answers[1].error = EAI_NONAME;
	answers[2].families = "46";
	a = ask("localhost", true);
	assert_non_null(a);
	assert_int_equal(asked.count, 3);
	assert_int_equal(asked.flags[2], 0);
	lws_addrs_free(a);
}

static void
test_a_server_that_does_not_answer_is_not_asked_again(void **state)
{
	(void)state;
	answers[0].error = EAI_NONAME;
	answers[1].error = EAI_AGAIN;
	assert_null(ask("example.org", true));
	assert_int_equal(asked.count, 2);
	assert_non_null(strstr(why, "example.org"));
	assert_non_null(strstr(why, gai_strerror(EAI_AGAIN)));
}

static void
test_without_ipv6_only_ipv4_is_asked_for(void **state)
{
	int n;

	(void)state;
	for (n = 0; n < 3; n++)
		answers[n].error = EAI_NONAME;
	assert_null(ask("example.org", false));
	assert_int_equal(asked.count, 3);
	for (n = 0; n < 3; n++)
		assert_int_equal(asked.family[n], AF_INET);
}

/* Connect to each address in turn: "4a6c" is IPv4 first, IPv6 third, ... */
static void
order_of(struct lws_addrs *a, char *order)
{
	bool more = lws_connect_more(a);
	size_t tried = 0;

	assert_true(more);
	while (lws_connect_next(a, NULL, &which, why, sizeof(why)) == SOME_FD) {
		const bool four = net.to.sa.sa_family == AF_INET;
		const uint32_t v4 = ntohl(net.to.v4.sin_addr.s_addr);

		assert_int_equal(lws_sockaddr_port(&net.to), 7681);
		assert_int_equal(net.to_len, four ? sizeof(net.to.v4)
						  : sizeof(net.to.v6));
		*order++ = four ? '4' : '6';
		*order++ = (char)('a' - 1 + (four ? (char)v4 :
			(char)net.to.v6.sin6_addr.s6_addr[15]));
		assert_int_equal(net.open, 1);
		lws_plat_close(SOME_FD);
		assert_int_equal(which, tried++);
		more = lws_connect_more(a);
	}
	assert_false(more);
	*order = '\0';
}

static void
test_families_take_turns_in_the_order_of_the_answer(void **state)
{
	static const char *const rows[][2] = {
		{ "4", "4a" }, { "6", "6a" },
		{ "46", "4a6b" }, { "64", "6a4b" },
		{ "444", "4a4b4c" }, { "666", "6a6b6c" },
		{ "6644", "6a4c6b4d" }, { "4466", "4a6c4b6d" },
		{ "66666444", "6a4f6b4g6c4h6d6e" },
		{ "4666", "4a6b6c6d" }, { "6664", "6a4d6b6c" },
		{ "46464", "4a6b4c6d4e" },
	};
	char order[2 * MOST + 1];
	struct lws_addrs *a;
	size_t n;

	for (n = 0; n < COUNT(rows); n++) {
		forget(state);
		answers[0].families = rows[n][0];
		a = ask("many", true);
		assert_non_null(a);
		order_of(a, order);
		assert_string_equal(order, rows[n][1]);
		lws_addrs_free(a);
	}
}

static void
test_addresses_that_fail_at_once_are_passed_over(void **state)
{
	struct lws_addrs *a;

	(void)state;
	answers[0].families = "444";
	a = ask("many", true);
	net.connect_rc = LWS_ERR_IO;
	net.error = ENETUNREACH;
	assert_int_equal(lws_connect_next(a, NULL, &which, why, sizeof(why)),
			 LWS_ERR_IO);
	assert_string_equal(why, "no way to reach 127.0.0.3:7681");
	assert_int_equal(net.open, 0);
	assert_int_equal(lws_connect_next(a, NULL, &which, why, sizeof(why)),
			 LWS_ERR_NOENT);
	assert_string_equal(why, "no way to reach 127.0.0.3:7681");
	lws_addrs_free(a);
}

static void
test_a_family_that_the_system_lacks_is_passed_over(void **state)
{
	struct lws_addrs *a;

	(void)state;
	answers[0].families = "66";
	a = ask("many", true);
	net.socket_rc = LWS_ERR_IO;
	net.error = EAFNOSUPPORT;
	assert_int_equal(lws_connect_next(a, NULL, &which, why, sizeof(why)),
			 LWS_ERR_IO);
	assert_non_null(strstr(why, "[2000::2]:7681"));
	assert_int_equal(lws_connect_next(a, NULL, &which, why, sizeof(why)),
			 LWS_ERR_NOENT);
	lws_addrs_free(a);
}

static void
test_out_of_descriptors_stops_at_once(void **state)
{
	struct lws_addrs *a;

	(void)state;
	answers[0].families = "44";
	a = ask("many", true);
	net.socket_rc = LWS_ERR_NOFD;
	net.error = EMFILE;
	assert_int_equal(lws_connect_next(a, NULL, &which, why, sizeof(why)),
			 LWS_ERR_NOFD);
	assert_non_null(strstr(why, "127.0.0.1:7681"));
	lws_addrs_free(a);
}

static void
test_under_way_is_a_descriptor_and_the_end_is_told(void **state)
{
	static const struct {
		int error;
		const char *text;
	} rows[] = {
		{ ECONNREFUSED, "connection refused by 127.0.0.1:7681" },
		{ ETIMEDOUT, "no answer from 127.0.0.1:7681" },
		{ EHOSTUNREACH, "no way to reach 127.0.0.1:7681" },
		{ EACCES, "cannot connect to 127.0.0.1:7681: " },
	};
	struct lws_addrs *a;
	size_t n;

	(void)state;
	answers[0].families = "4";
	a = ask("one", true);
	net.connect_rc = LWS_ERR_AGAIN;
	assert_int_equal(lws_connect_next(a, NULL, &which, why, sizeof(why)), SOME_FD);
	assert_string_equal(why, "");
	for (n = 0; n < COUNT(rows); n++) {
		net.result = rows[n].error;
		assert_int_equal(lws_connect_finish(a, which, SOME_FD, why,
						    sizeof(why)), LWS_ERR_IO);
		assert_memory_equal(why, rows[n].text, strlen(rows[n].text));
	}
	net.result = 0;
	assert_int_equal(lws_connect_finish(a, which, SOME_FD, why, sizeof(why)), 0);
	lws_addrs_free(a);
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_literals_are_looked_up_without_asking_anybody),
		TEST(test_names_are_asked_for_in_the_families_we_have),
		TEST(test_loopback_names_work_without_a_network),
		TEST(test_a_server_that_does_not_answer_is_not_asked_again),
		TEST(test_without_ipv6_only_ipv4_is_asked_for),
		TEST(test_families_take_turns_in_the_order_of_the_answer),
		TEST(test_addresses_that_fail_at_once_are_passed_over),
		TEST(test_a_family_that_the_system_lacks_is_passed_over),
		TEST(test_out_of_descriptors_stops_at_once),
		TEST(test_under_way_is_a_descriptor_and_the_end_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
