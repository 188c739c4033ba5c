/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * mingw/plat.c - lib/plat/win keeps what lib/plat/plat.h promises.
 *
 * cmocka is not to be had for mingw everywhere, so this is a program of its
 * own: a function is a case, its name the sentence, and the first thing that is
 * not so ends it.
 */
#include "plat/plat.h"

#include <errno.h>
#include <io.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "libwebsockets.h"

#define PATIENCE_MS 30000

static int failed_line;

#define CHECK(what)                            \
	do {                                   \
		if (!(what)) {                 \
			failed_line = __LINE__; \
			return;                \
		}                              \
	} while (0)

/* ---- sockets ---- */

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	return at;
}

static int
port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	return getsockname(fd, (struct sockaddr *)&at, &len)
		       ? -1
		       : ntohs(at.sin_port);
}

static short
wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = (lws_polled_fd)fd, .events = events };

	return poll(&p, 1, timeout_ms) == 1 ? p.revents : 0;
}

static int
listener(void)
{
	const struct sockaddr_in at = loopback(0);
	const int fd = lws_plat_socket(AF_INET);

	if (fd < 0 || lws_plat_listen(fd, (const struct sockaddr *)&at,
				      sizeof(at), 16, false))
		return -1;
	return fd;
}

/* Both ends of a connection; false when there is none. */
static bool
pair(int ends[2])
{
	const int from = listener();
	const struct sockaddr_in at = loopback(port_of(from));
	int rc;

	ends[0] = lws_plat_socket(AF_INET);
	ends[1] = -1;
	rc = lws_plat_connect(ends[0], (const struct sockaddr *)&at,
			      sizeof(at));
	if ((!rc || rc == LWS_ERR_AGAIN) &&
	    wait_for(from, POLLIN, PATIENCE_MS) & POLLIN)
		ends[1] = lws_plat_accept(from);
	if (wait_for(ends[0], POLLOUT, PATIENCE_MS) != POLLOUT)
		return false;
	lws_plat_close(from);
	return ends[1] >= 0 && !lws_plat_connect_result(ends[0]);
}

static void
close_pair(int ends[2])
{
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
}

static void
bytes_travel_and_nothing_blocks(void)
{
	struct lws_span v[3] = { lws_span_str("ab"), lws_span_str(""),
				 lws_span_str("cde") };
	char got[16];
	int ends[2];

	CHECK(pair(ends));
	CHECK(lws_plat_recv(ends[1], got, sizeof(got)) == LWS_ERR_AGAIN);
	CHECK(lws_plat_sendv(ends[0], v, 3) == 5);
	CHECK(wait_for(ends[1], POLLIN, PATIENCE_MS) & POLLIN);
	CHECK(lws_plat_peek(ends[1], got, 1) == 1 && got[0] == 'a');
	CHECK(lws_plat_recv(ends[1], got, sizeof(got)) == 5);
	CHECK(!memcmp(got, "abcde", 5));
	CHECK(!lws_plat_nodelay(ends[0]));
	CHECK(!lws_plat_keepalive(ends[0], 10, 3, 2));
	lws_plat_shutdown(ends[0]);
	CHECK(wait_for(ends[1], POLLIN, PATIENCE_MS) & POLLIN);
	CHECK(lws_plat_recv(ends[1], got, sizeof(got)) == 0);
	close_pair(ends);
}

static void
a_full_socket_is_not_now_and_loses_nothing(void)
{
	static char block[1 << 16];
	struct lws_span v = { (uint8_t *)block, sizeof(block) };
	size_t sent = 0, got = 0;
	ssize_t n;
	int ends[2];

	CHECK(pair(ends));
	while ((n = lws_plat_sendv(ends[0], &v, 1)) > 0 && sent < 1u << 30)
		sent += (size_t)n;
	CHECK(n == LWS_ERR_AGAIN);
	CHECK(!(wait_for(ends[0], POLLOUT, 0) & POLLOUT));
	while (got < sent) {
		CHECK(wait_for(ends[1], POLLIN, PATIENCE_MS) & POLLIN);
		n = lws_plat_recv(ends[1], block, sizeof(block));
		CHECK(n > 0);
		got += (size_t)n;
	}
	CHECK(wait_for(ends[0], POLLOUT, PATIENCE_MS) == POLLOUT);
	close_pair(ends);
}

static void
a_refused_connection_is_reported_and_why(void)
{
	const int gone = listener();
	const struct sockaddr_in at = loopback(port_of(gone));
	const int fd = lws_plat_socket(AF_INET);
	int rc;

	lws_plat_close(gone);
	rc = lws_plat_connect(fd, (const struct sockaddr *)&at, sizeof(at));
	CHECK(rc == LWS_ERR_AGAIN || errno == ECONNREFUSED);
	if (rc == LWS_ERR_AGAIN) {
		CHECK(wait_for(fd, POLLOUT, PATIENCE_MS) &
		      (POLLOUT | POLLERR | POLLHUP));
		CHECK(lws_plat_connect_result(fd) == ECONNREFUSED);
	}
	CHECK(!strcmp(lws_plat_error_text(ECONNREFUSED), "connection refused"));
	lws_plat_close(fd);
}

static void
a_port_has_one_listener(void)
{
	const int first = listener(), second = lws_plat_socket(AF_INET);
	const struct sockaddr_in at = loopback(port_of(first));
	const struct sockaddr *sa = (const struct sockaddr *)&at;

	CHECK(lws_plat_listen(second, sa, sizeof(at), 4, false) == LWS_ERR_IO);
	CHECK(errno == EADDRINUSE);
	CHECK(lws_plat_listen(second, sa, sizeof(at), 4, true) ==
	      LWS_ERR_UNSUPPORTED);
	CHECK(lws_plat_accept(first) == LWS_ERR_AGAIN);
	CHECK(lws_plat_accept(second) == LWS_ERR_IO);
	lws_plat_close(first);
	lws_plat_close(second);
}

static void
a_listener_may_come_from_elsewhere_and_have_a_copy(void)
{
	const int fd = listener(), other = lws_plat_socket(AF_INET);
	int copy;

	CHECK(!lws_plat_adopt_listener(fd));
	CHECK(lws_plat_adopt_listener(other) == LWS_ERR_UNSUPPORTED);
	copy = lws_plat_duplicate(fd);
	CHECK(copy >= 0 && copy != fd && port_of(copy) == port_of(fd));
	lws_plat_close(fd);
	CHECK(lws_plat_accept(copy) == LWS_ERR_AGAIN);
	lws_plat_close(copy);
	lws_plat_close(other);
}

/* ---- poll() ---- */

static void
who_has_finished_is_input_and_nothing_when_none_is_wanted(void)
{
	struct pollfd p[2];
	uint64_t begin;
	int ends[2];

	CHECK(pair(ends));
	lws_plat_shutdown(ends[1]);
	CHECK(wait_for(ends[0], POLLIN, PATIENCE_MS) & POLLIN);
	CHECK(!(wait_for(ends[0], POLLIN, PATIENCE_MS) & POLLHUP));
	begin = lws_plat_now_ms();
	CHECK(wait_for(ends[0], 0, 100) == 0);
	CHECK(lws_plat_now_ms() - begin >= 80);
	CHECK(wait_for(ends[0], POLLOUT, PATIENCE_MS) == POLLOUT);

	/* and does not keep others from being heard */
	p[0] = (struct pollfd){ .fd = (lws_polled_fd)ends[0] };
	p[1] = (struct pollfd){ .fd = (lws_polled_fd)ends[1],
				.events = POLLIN };
	CHECK(poll(p, 2, 100) == 0);
	CHECK(p[0].fd == (lws_polled_fd)ends[0]);
	CHECK(send((SOCKET)ends[0], "x", 1, 0) == 1);
	CHECK(poll(p, 2, PATIENCE_MS) == 1);
	CHECK(!p[0].revents && p[1].revents & POLLIN);
	close_pair(ends);
}

static void
a_reset_is_an_error_even_when_nothing_is_wanted(void)
{
	const struct linger now = { 1, 0 };
	int ends[2];

	CHECK(pair(ends));
	CHECK(!setsockopt((SOCKET)ends[1], SOL_SOCKET, SO_LINGER,
			  (const char *)&now, sizeof(now)));
	lws_plat_close(ends[1]);
	CHECK(wait_for(ends[0], 0, PATIENCE_MS) & (POLLERR | POLLHUP));
	lws_plat_close(ends[0]);
}

static void
nothing_to_wait_for_is_a_pause(void)
{
	const uint64_t begin = lws_plat_now_ms();

	CHECK(poll(NULL, 0, 50) == 0);
	CHECK(lws_plat_now_ms() - begin >= 40);
}

/* ---- waking, threads ---- */

static void
a_loop_is_woken_once_for_any_number_of_wakings(void)
{
	struct lws_wake w;
	int n;

	CHECK(!lws_plat_wake_open(&w));
	CHECK(!wait_for(w.read_fd, POLLIN, 0));
	for (n = 0; n < 100000; n++)
		lws_plat_wake(&w);
	CHECK(wait_for(w.read_fd, POLLIN, PATIENCE_MS) & POLLIN);
	lws_plat_wake_drain(&w);
	CHECK(!wait_for(w.read_fd, POLLIN, 0));
	lws_plat_wake(&w);
	CHECK(wait_for(w.read_fd, POLLIN, PATIENCE_MS) & POLLIN);
	lws_plat_wake_close(&w);
	CHECK(w.read_fd == -1 && w.write_fd == -1);
}

struct shared {
	struct lws_lock *lock;
	struct lws_wake wake;
	const void *who;
	int count;
};

static void
add_up(void *arg)
{
	struct shared *s = arg;
	int n;

	for (n = 0; n < 10000; n++) {
		lws_plat_lock(s->lock);
		s->count++;
		lws_plat_unlock(s->lock);
	}
	lws_plat_lock(s->lock);
	s->who = lws_plat_me();
	lws_plat_unlock(s->lock);
	lws_plat_wake(&s->wake);
}

static void
threads_take_turns_and_wake(void)
{
	struct shared s = { .lock = lws_plat_lock_new() };
	struct lws_errand errand = { add_up, &s };
	int n;

	CHECK(s.lock && !lws_plat_wake_open(&s.wake));
	CHECK(lws_plat_has_threads() && !lws_plat_thread(&errand));
	for (n = 0; n < 10000; n++) {
		lws_plat_lock(s.lock);
		s.count++;
		lws_plat_unlock(s.lock);
	}
	CHECK(wait_for(s.wake.read_fd, POLLIN, PATIENCE_MS) & POLLIN);
	lws_plat_lock(s.lock);
	CHECK(s.count == 20000 && s.who && s.who != lws_plat_me());
	lws_plat_unlock(s.lock);
	lws_plat_wake_close(&s.wake);
	lws_plat_lock_free(s.lock);
}

/* ---- the rest ---- */

static void
time_does_not_go_back(void)
{
	const uint64_t us = lws_plat_now_us(), ms = lws_plat_now_ms();
	uint64_t last = us, now;
	int n;

	CHECK(ms * 1000 + 20000 > us && ms * 1000 < us + 20000000);
	for (n = 0; n < 10000; n++) {
		now = lws_plat_now_us();
		CHECK(now >= last);
		last = now;
	}
}

static void
random_bytes_differ(void)
{
	static const uint8_t none[32];
	uint8_t a[32] = { 0 }, b[32] = { 0 };
	const int fd = lws_plat_random_open();

	CHECK(fd >= 0);
	CHECK(!lws_plat_random(fd, a, sizeof(a)));
	CHECK(!lws_plat_random(fd, b, sizeof(b)));
	CHECK(memcmp(a, b, sizeof(a)) && memcmp(a, none, sizeof(a)));
	CHECK(!lws_plat_random(fd, NULL, 0));
	lws_plat_random_close(fd);
}

/* in UTF-8: a name that no code page but UTF-8 spells like this */
#define NAME "gr\xc3\xbc\xc3\x9f \xe2\x82\xac.bin"

static void
files_are_bytes_under_utf_8_names(void)
{
	static const char bytes[] = "a\r\nb\nc\x1a" "d";
	char got[sizeof(bytes)];
	uint64_t size = 0;
	FILE *file = _wfopen(L"gr\u00fc\u00df \u20ac.bin", L"wb");
	int fd;

	CHECK(file && fwrite(bytes, 1, 8, file) == 8 && !fclose(file));
	fd = lws_plat_file_open(NAME, &size);
	CHECK(fd >= 0 && size == 8);
	CHECK(lws_plat_file_read(fd, got, sizeof(got)) == 8);
	CHECK(!memcmp(got, bytes, 8));
	CHECK(lws_plat_file_read(fd, got, sizeof(got)) == 0);
	lws_plat_file_close(fd);
	CHECK(!_wremove(L"gr\u00fc\u00df \u20ac.bin"));
	CHECK(lws_plat_file_open(NAME, &size) == LWS_ERR_NOENT);
}

static void
folders_and_devices_are_no_files(void)
{
	static const char *const names[] = { ".", "C:\\", "nul", "con",
					     "nul.html", "", "\xff?" };
	uint64_t size;
	size_t n;

	for (n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		CHECK(lws_plat_file_open(names[n], &size) < 0);
}

static void
interfaces_are_found_by_address_and_not_by_nonsense(void)
{
	struct sockaddr_storage at;
	socklen_t len;

	CHECK(!lws_plat_iface_addr("127.0.0.1", AF_UNSPEC, &at, &len));
	CHECK(at.ss_family == AF_INET);
	CHECK(!lws_plat_iface_addr("::1", AF_UNSPEC, &at, &len));
	CHECK(at.ss_family == AF_INET6);
	CHECK(lws_plat_iface_addr("::1", AF_INET, &at, &len) ==
	      LWS_ERR_NOENT);
	CHECK(lws_plat_iface_addr("no such interface", AF_UNSPEC, &at, &len) ==
	      LWS_ERR_NOENT);
}

static void
the_host_has_a_name_that_fits(void)
{
	char name[256], cut[4] = "###";

	lws_plat_hostname(name, sizeof(name));
	CHECK(name[0] && memchr(name, '\0', sizeof(name)));
	lws_plat_hostname(cut, 3);
	CHECK(!cut[2]);
	CHECK(lws_plat_max_fds() > 1000 && !lws_plat_drop_privileges(1, 1));
	lwsl_emit_syslog(LLL_NOTICE, "plat.exe says hello\n");
}

#define CASE(name) { #name, name }

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	CASE(bytes_travel_and_nothing_blocks),
	CASE(a_full_socket_is_not_now_and_loses_nothing),
	CASE(a_refused_connection_is_reported_and_why),
	CASE(a_port_has_one_listener),
	CASE(a_listener_may_come_from_elsewhere_and_have_a_copy),
	CASE(who_has_finished_is_input_and_nothing_when_none_is_wanted),
	CASE(a_reset_is_an_error_even_when_nothing_is_wanted),
	CASE(nothing_to_wait_for_is_a_pause),
	CASE(a_loop_is_woken_once_for_any_number_of_wakings),
	CASE(threads_take_turns_and_wake),
	CASE(time_does_not_go_back),
	CASE(random_bytes_differ),
	CASE(files_are_bytes_under_utf_8_names),
	CASE(folders_and_devices_are_no_files),
	CASE(interfaces_are_found_by_address_and_not_by_nonsense),
	CASE(the_host_has_a_name_that_fits),
};

int
main(void)
{
	size_t n;
	int bad = 0;

	if (lws_plat_start())
		return 2;
	for (n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		failed_line = 0;
		cases[n].run();
		if (failed_line)
			printf("not ok - %s: line %d, errno %d, Winsock %d\n",
			       cases[n].name, failed_line, errno,
			       WSAGetLastError());
		else
			printf("ok - %s\n", cases[n].name);
		fflush(stdout);
		bad += failed_line != 0;
	}
	lws_plat_stop();
	return bad != 0;
}
