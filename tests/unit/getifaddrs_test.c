/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of plat/unix/getifaddrs.c, against libc's and against what no kernel
 * sends.  The source is compiled in here, under names of its own.
 */
#define lws_plat_getifaddrs  own_getifaddrs
#define lws_plat_freeifaddrs own_freeifaddrs

#include "plat/unix/getifaddrs.c"

#include "unit/unit.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/resource.h>

/* readings of a system whose addresses change between two lists */
#define READINGS 50

static socklen_t
size_of(const struct sockaddr *sa)
{
	return sa->sa_family == AF_INET ? sizeof(struct sockaddr_in)
					: sizeof(struct sockaddr_in6);
}

static bool
is_ip(const struct sockaddr *sa)
{
	return sa && (sa->sa_family == AF_INET || sa->sa_family == AF_INET6);
}

/* Netmasks of libc need not be filled beyond the bits that count. */
static bool
same_mask(const struct sockaddr *a, const struct sockaddr *b)
{
	union name x, y;

	memcpy(&x, a, size_of(a));
	memcpy(&y, b, size_of(a));
	if (a->sa_family == AF_INET)
		return x.v4.sin_addr.s_addr == y.v4.sin_addr.s_addr;
	return !memcmp(&x.v6.sin6_addr, &y.v6.sin6_addr, 16);
}

static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	union name x, y;

	if (a->sa_family != b->sa_family)
		return false;
	memcpy(&x, a, size_of(a));
	memcpy(&y, b, size_of(a));
	if (a->sa_family == AF_INET6 &&
	    (x.v6.sin6_scope_id != y.v6.sin6_scope_id || x.v6.sin6_port))
		return false;
	return same_mask(a, b);
}

static bool
same(const struct lws_plat_ifaddrs *own, const struct ifaddrs *libc)
{
	return !strcmp(own->ifa_name, libc->ifa_name) &&
	       own->ifa_flags == libc->ifa_flags &&
	       same_address(own->ifa_addr, libc->ifa_addr) &&
	       same_mask(own->ifa_netmask, libc->ifa_netmask);
}

/* addresses of @libc that @own has not, and the other way round */
static unsigned
differences(const struct lws_plat_ifaddrs *own, const struct ifaddrs *libc)
{
	const struct lws_plat_ifaddrs *o;
	const struct ifaddrs *l;
	unsigned n = 0;

	for (l = libc; l; l = l->ifa_next) {
		if (!is_ip(l->ifa_addr))
			continue;
		for (o = own; o && !(o->ifa_addr && same(o, l));
		     o = o->ifa_next)
			;
		n += !o;
	}
	for (o = own; o; o = o->ifa_next) {
		if (!o->ifa_addr)
			continue;
		for (l = libc; l && !(is_ip(l->ifa_addr) && same(o, l));
		     l = l->ifa_next)
			;
		n += !l;
	}
	return n;
}

static void
test_it_tells_of_addresses_what_libc_does(void **state)
{
	struct lws_plat_ifaddrs *own;
	struct ifaddrs *libc;
	unsigned n, wrong = 1;

	(void)state;
	for (n = 0; wrong && n < READINGS; n++) {
		assert_int_equal(own_getifaddrs(&own), 0);
		assert_int_equal(getifaddrs(&libc), 0);
		wrong = differences(own, libc);
		freeifaddrs(libc);
		own_freeifaddrs(own);
	}
	assert_int_equal(wrong, 0);
}

static const struct lws_plat_ifaddrs *
find(const struct lws_plat_ifaddrs *list, const char *name, int family)
{
	for (; list; list = list->ifa_next)
		if (!strcmp(list->ifa_name, name) &&
		    (family ? list->ifa_addr &&
			      list->ifa_addr->sa_family == family
			    : !list->ifa_addr))
			return list;
	return NULL;
}

static void
test_every_interface_is_named_once_without_an_address(void **state)
{
	struct if_nameindex *index = if_nameindex();
	struct lws_plat_ifaddrs *own;
	size_t n;

	(void)state;
	assert_non_null(index);
	assert_int_equal(own_getifaddrs(&own), 0);
	/* others may come and go: the loopback stays */
	for (n = 0; index[n].if_name; n++) {
		const struct lws_plat_ifaddrs *e =
			find(own, index[n].if_name, 0);

		if (!e)
			continue;
		assert_null(e->ifa_netmask);
		assert_null(find(e->ifa_next, index[n].if_name, 0));
	}
	if_freenameindex(index);
	own_freeifaddrs(own);
}

static void
test_the_loopback_is_there(void **state)
{
	const struct lws_plat_ifaddrs *e;
	struct lws_plat_ifaddrs *own;
	union name at;

	(void)state;
	assert_int_equal(own_getifaddrs(&own), 0);
	assert_non_null(find(own, "lo", 0));
	e = find(own, "lo", AF_INET);
	assert_non_null(e);
	assert_int_equal(e->ifa_flags & (IFF_UP | IFF_LOOPBACK),
			 IFF_UP | IFF_LOOPBACK);
	memcpy(&at, e->ifa_addr, sizeof(at.v4));
	assert_int_equal(ntohl(at.v4.sin_addr.s_addr), 0x7f000001);
	memcpy(&at, e->ifa_netmask, sizeof(at.v4));
	assert_int_equal(ntohl(at.v4.sin_addr.s_addr), 0xff000000);
	own_freeifaddrs(own);
}

static void
test_every_allocation_may_fail(void **state)
{
	struct lws_plat_ifaddrs *own;
	long n;
	int rc = -1;

	(void)state;
	unit_blocks = 0;
	for (n = 0; rc; n++) {
		assert_in_range(n, 0, 100000);
		unit_allow(n);
		rc = own_getifaddrs(&own);
		if (rc) {
			assert_int_equal(rc, LWS_ERR_NOMEM);
			assert_int_equal(unit_blocks, 0);
		}
	}
	/* the buffer, lo, and its address */
	assert_true(n > 3);
	unit_allow(-1);
	own_freeifaddrs(own);
	assert_int_equal(unit_blocks, 0);
}

static void
test_descriptors_run_out_and_it_says_so(void **state)
{
	struct lws_plat_ifaddrs *own = NULL;
	struct rlimit all, none;
	int rc;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = all;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	rc = own_getifaddrs(&own);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	assert_int_equal(rc, LWS_ERR_IO);
	assert_null(own);
}

/* ---- bytes of nobody ---- */

struct wire {
	uint8_t bytes[512];
	size_t len;
};

static void
put(struct wire *w, const void *from, size_t len)
{
	memcpy(w->bytes + w->len, from, len);
	w->len += len;
	while (w->len % 4)
		w->bytes[w->len++] = 0;
}

static size_t
begin(struct wire *w, unsigned type, const void *body, size_t len)
{
	const struct head head = { .type = (uint16_t)type, .seq = 1 };
	const size_t at = w->len;

	put(w, &head, sizeof(head));
	put(w, body, len);
	return at;
}

static void
attribute(struct wire *w, unsigned type, const void *value, size_t len)
{
	const struct attribute a = {
		.len = (uint16_t)(sizeof(a) + len),
		.type = (uint16_t)type,
	};

	put(w, &a, sizeof(a));
	put(w, value, len);
}

static void
end(struct wire *w, size_t at)
{
	const uint32_t len = (uint32_t)(w->len - at);

	memcpy(w->bytes + at, &len, sizeof(len));
}

static void
put_link(struct wire *w, uint32_t index, const char *name, size_t len)
{
	const struct link link = { .index = index, .flags = IFF_UP };
	const size_t at = begin(w, NEW_LINK, &link, sizeof(link));

	attribute(w, LINK_NAME, name, len);
	end(w, at);
}

static void
put_address(struct wire *w, uint32_t index, int family, unsigned prefix,
	    size_t len)
{
	static const uint8_t bytes[16] = { 0xfe, 0x80, 1, 2, 3, 4 };
	const struct address a = {
		.family = (uint8_t)family,
		.prefix = (uint8_t)prefix,
		.index = index,
	};
	const size_t at = begin(w, NEW_ADDRESS, &a, sizeof(a));

	attribute(w, LOCAL, bytes, len);
	end(w, at);
}

static void
put_done(struct wire *w)
{
	const int32_t status = 0;

	end(w, begin(w, TYPE_DONE, &status, sizeof(status)));
}

/* What @len bytes lead to, each at the very end of memory of its own. */
static int
feed(struct dump *d, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lws_span in = lws_span(copy, len);
	int rc = 1;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	memset(d, 0, sizeof(*d));
	d->tail = &d->list;
	d->seq = 1;
	while (rc > 0 && in.len)
		rc = take(d, &in);
	free(copy);
	return rc;
}

static void
put_all(struct wire *w)
{
	memset(w, 0, sizeof(*w));
	put_link(w, 7, "fifteen-letters", 16);
	put_link(w, 8, "b", 1);
	put_address(w, 7, AF_INET, 20, 4);
	put_address(w, 7, AF_INET6, 77, 16);
	put_address(w, 8, AF_INET, 255, 4);
	put_address(w, 9, AF_INET, 8, 4);
	put_address(w, 7, AF_INET6, 8, 15);
	put_address(w, 7, AF_UNSPEC, 8, 16);
	put_done(w);
}

static void
test_messages_become_entries(void **state)
{
	const struct lws_plat_ifaddrs *e;
	struct wire w;
	struct dump d;
	union name at;

	(void)state;
	put_all(&w);
	assert_int_equal(feed(&d, w.bytes, w.len), 0);
	e = d.list;
	assert_string_equal(e->ifa_name, "fifteen-letters");
	e = e->ifa_next;
	assert_string_equal(e->ifa_name, "b");
	e = e->ifa_next;
	assert_string_equal(e->ifa_name, "fifteen-letters");
	memcpy(&at, e->ifa_netmask, sizeof(at.v4));
	assert_int_equal(ntohl(at.v4.sin_addr.s_addr), 0xfffff000);
	e = e->ifa_next;
	memcpy(&at, e->ifa_addr, sizeof(at.v6));
	assert_int_equal(at.v6.sin6_scope_id, 7);
	memcpy(&at, e->ifa_netmask, sizeof(at.v6));
	assert_int_equal(at.v6.sin6_addr.s6_addr[8], 0xff);
	assert_int_equal(at.v6.sin6_addr.s6_addr[9], 0xf8);
	assert_int_equal(at.v6.sin6_addr.s6_addr[10], 0);
	e = e->ifa_next;
	assert_string_equal(e->ifa_name, "b");
	memcpy(&at, e->ifa_netmask, sizeof(at.v4));
	assert_int_equal(at.v4.sin_addr.s_addr, 0xffffffff);
	/* nobody's interface, a length that is none, no family of ours */
	assert_null(e->ifa_next);
	own_freeifaddrs(d.list);
}

static void
test_a_name_that_is_too_long_is_none(void **state)
{
	struct wire w = { .len = 0 };
	struct dump d;

	(void)state;
	put_link(&w, 1, "sixteen--letters", 17);
	put_link(&w, 2, "not terminated..", 16);
	put_link(&w, 3, "", 0);
	put_done(&w);
	assert_int_equal(feed(&d, w.bytes, w.len), 0);
	assert_string_equal(d.list->ifa_name, "");
	assert_string_equal(d.list->ifa_next->ifa_name, "");
	assert_null(d.list->ifa_next->ifa_next);
	own_freeifaddrs(d.list);
}

static void
test_bytes_cut_anywhere_are_read_no_further(void **state)
{
	struct wire w;
	struct dump d;
	size_t n;

	(void)state;
	put_all(&w);
	for (n = 0; n < w.len; n++) {
		const int rc = feed(&d, w.bytes, n);

		if (rc != 1 && rc != LWS_ERR_IO)
			fail_msg("%zu bytes: %d", n, rc);
		own_freeifaddrs(d.list);
	}
}

static void
test_any_byte_may_be_wrong(void **state)
{
	static const uint8_t wrong[] = { 0, 1, 3, 4, 0x7f, 0x80, 0xff };
	struct wire w;
	struct dump d;
	size_t n, k;

	(void)state;
	put_all(&w);
	for (n = 0; n < w.len; n++) {
		const uint8_t right = w.bytes[n];

		for (k = 0; k < COUNT(wrong); k++) {
			w.bytes[n] = wrong[k];
			assert_in_range(feed(&d, w.bytes, w.len) + 3, 0, 4);
			own_freeifaddrs(d.list);
		}
		w.bytes[n] = right;
	}
}

static void
test_an_error_of_the_kernel_ends_it(void **state)
{
	static const int32_t rows[][2] = {
		{ -EPERM, EPERM }, { 0, EIO }, { INT32_MIN, EIO },
		{ INT32_MAX, EIO }, { -4096, EIO }, { -4095, 4095 },
	};
	struct wire w;
	struct dump d;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		memset(&w, 0, sizeof(w));
		end(&w, begin(&w, TYPE_ERROR, &rows[n][0], 4));
		assert_int_equal(feed(&d, w.bytes, w.len), LWS_ERR_IO);
		assert_int_equal(errno, rows[n][1]);
	}
}

static void
test_answers_to_something_else_are_passed_over(void **state)
{
	const uint32_t other = 2;
	struct wire w;
	struct dump d;

	(void)state;
	memset(&w, 0, sizeof(w));
	put_link(&w, 1, "lo", 3);
	memcpy(w.bytes + offsetof(struct head, seq), &other, sizeof(other));
	put_done(&w);
	assert_int_equal(feed(&d, w.bytes, w.len), 0);
	assert_null(d.list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_tells_of_addresses_what_libc_does),
		cmocka_unit_test(
			test_every_interface_is_named_once_without_an_address),
		cmocka_unit_test(test_the_loopback_is_there),
		cmocka_unit_test(test_every_allocation_may_fail),
		cmocka_unit_test(test_descriptors_run_out_and_it_says_so),
		cmocka_unit_test(test_messages_become_entries),
		cmocka_unit_test(test_a_name_that_is_too_long_is_none),
		cmocka_unit_test(test_bytes_cut_anywhere_are_read_no_further),
		cmocka_unit_test(test_any_byte_may_be_wrong),
		cmocka_unit_test(test_an_error_of_the_kernel_ends_it),
		cmocka_unit_test(
			test_answers_to_something_else_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
