/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Peers that send requests and read no answers: what waits for them stays
 * small, nobody spins meanwhile, and once they read they get everything.
 */
#include "flow/flow.h"

#include <sys/socket.h>

/* answers that may wait for a peer which reads none, and input held: bytes */
#define MOST_HELD ((size_t)2 * 1024 * 1024)

static size_t file_size;
static char file_path[] = "/tmp/lws-flow-XXXXXX";

static int
answer(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
       size_t len)
{
	struct libwebsocket_context *ctx = c->side->context;
	int rc;

	(void)len;
	if (reason != LWS_CALLBACK_HTTP)
		return 0;
	c->n++;
	if (!strcmp(in, "/file")) {
		rc = libwebsockets_serve_http_file(ctx, c->wsi, file_path,
						   "text/plain", NULL, 0);
		if (rc <= 0)
			return rc;
	} else if (libwebsockets_return_http_status(ctx, c->wsi, 200, "yes")) {
		return -1;
	}
	return lws_http_transaction_completed(c->wsi);
}

static void
begin(struct flow *f, bool external)
{
	flow_begin(f);
	f->hook = answer;
	f->quiet = true;
	f->side[0].external = external;
	flow_open(f);
}

/* Send whole requests until neither side takes more; how many are sent. */
static unsigned
flood(struct flow *f, struct flow_raw *r, const char *request, unsigned most)
{
	const size_t size = strlen(request);
	unsigned sent = 0, idle = 0;
	size_t off = 0;

	while (sent < most && idle < 200) {
		ssize_t n = flow_raw_try(r, request + off, size - off);

		if (n < 0) {
			flow_turn(f);
			idle++;
			continue;
		}
		idle = 0;
		off += (size_t)n;
		sent += off == size;
		off %= size;
	}
	if (off)
		flow_raw_puts(f, r, request + off);
	return sent + (off != 0);
}

static void
check_small_answers(bool external)
{
	static const char request[] = "GET /small HTTP/1.1\r\nHost: h\r\n\r\n";
	struct flow f;
	struct flow_raw *r;
	unsigned sent;

	begin(&f, external);
	r = flow_raw(&f, 65536);
	r->deaf = true;
	sent = flood(&f, r, request, 80000);
	assert_true(flow_memory() < MOST_HELD);
	r->deaf = false;
	FLOW_UNTIL(&f, flow_server(&f, 0)->n == (long)sent);
	FLOW_UNTIL(&f, !lws_get_tx_queued(flow_server(&f, 0)->wsi));
	FLOW_UNTIL(&f, flow_raw_times(r, "HTTP/1.1 200 OK") >= sent);
	flow_idle(&f, 50);
	assert_int_equal(flow_raw_times(r, "HTTP/1.1 200 OK"), sent);
	flow_raw_close(r);
	flow_end(&f);
}

static void
test_answers_to_a_peer_that_reads_none_do_not_pile_up(void **state)
{
	(void)state;
	check_small_answers(false);
}

static void
test_nor_do_they_when_the_application_polls(void **state)
{
	(void)state;
	check_small_answers(true);
}

static void
check_held_requests(bool external)
{
	static const char request[] = "GET /file HTTP/1.1\r\nHost: h\r\n\r\n";
	struct flow f;
	struct flow_raw *r;
	struct flow_conn *c;
	unsigned n;

	begin(&f, external);
	r = flow_raw(&f, 65536);
	r->deaf = true;
	for (n = 0; n < 4; n++)
		flow_raw_puts(&f, r, request);
	FLOW_UNTIL(&f, flow_server(&f, 0) && flow_server(&f, 0)->n);
	c = flow_server(&f, 0);
	flow_idle(&f, 20);
	assert_int_equal(c->n, 1);
	/* the second is taken from what is held, the others stay held */
	r->deaf = false;
	FLOW_UNTIL(&f, c->n == 2);
	r->deaf = true;
	assert_int_equal(c->events & POLLIN, 0);
	r->deaf = false;
	FLOW_UNTIL(&f, r->in.len > 4 * file_size && c->n == 4);
	assert_int_equal(flow_raw_times(r, "HTTP/1.1 200 OK"), 4);
	flow_raw_close(r);
	flow_end(&f);
}

static void
test_input_is_not_waited_for_while_requests_are_held(void **state)
{
	(void)state;
	check_held_requests(false);
}

static void
test_nor_is_it_when_the_application_polls(void **state)
{
	(void)state;
	check_held_requests(true);
}

static int
make_file(void **state)
{
	static const char line[] = "a file that no socket buffer takes whole\n";
	const int fd = mkstemp(file_path);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	unsigned n;

	(void)state;
	if (!out)
		return -1;
	for (n = 0; n < 200000; n++)
		fputs(line, out);
	file_size = n * (sizeof(line) - 1);
	return fclose(out);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(file_path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_answers_to_a_peer_that_reads_none_do_not_pile_up),
		cmocka_unit_test(test_nor_do_they_when_the_application_polls),
		cmocka_unit_test(
			test_input_is_not_waited_for_while_requests_are_held),
		cmocka_unit_test(test_nor_is_it_when_the_application_polls),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
