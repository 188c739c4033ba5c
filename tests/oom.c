/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Out of memory: flows in which the first, the second, ... each allocation in
 * turn fails, once.  The connection it was for may end; nothing crashes or is
 * lost, and a pair of bystanders goes on talking.
 */
#include "flow/flow.h"

/* no flow makes as many allocations */
#define MOST 2000

static char path[] = "/tmp/lws-oom-XXXXXX";
static uint8_t much[300000];

/* An application that answers everything in some way. */
static int
app(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
    size_t len)
{
	struct libwebsocket_context *ctx = c->side->context;
	int rc;

	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		if (!strcmp(in, "/post"))
			return 0;
		rc = strcmp(in, "/file") ?
			libwebsockets_return_http_status(ctx, c->wsi, 200,
							 in) :
			libwebsockets_serve_http_file(ctx, c->wsi, path,
						      "text/plain", NULL, 0);
		if (rc < 0)
			return -1;
		if (rc == 0 && !strcmp(in, "/file"))
			return 0;
		return lws_http_transaction_completed(c->wsi) ? -1 : 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		if (libwebsockets_return_http_status(ctx, c->wsi, 200, "ok"))
			return -1;
		return lws_http_transaction_completed(c->wsi) ? -1 : 0;
	case LWS_CALLBACK_RECEIVE:
		if (flow_write(c, in, len, LWS_WRITE_BINARY) < 0)
			return -1;
		libwebsocket_callback_on_writable(ctx, c->wsi);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (c->n == 1 && ++c->n)
			return flow_write(c, much, sizeof(much),
					  LWS_WRITE_BINARY) < 0 ? -1 : 0;
		break;
	}
	return 0;
}

/* Turn until nothing more comes of it. */
static void
settle(struct flow *f)
{
	int n;

	for (n = 0; n < 8; n++)
		flow_turn(f);
}

/* ---- the flows ---- */

static void
upgrade_and_echo(struct flow *f)
{
	struct flow_raw *r = flow_raw(f, 0);

	flow_raw_puts(f, r, "GET /chat HTTP/1.1\r\nHost: localhost\r\n"
		      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		      "Sec-WebSocket-Version: 13\r\nX-Long: ");
	settle(f);
	flow_raw_send(f, r, much, 0);
	flow_raw_puts(f, r, "some more of it\r\n"
		      "Sec-WebSocket-Protocol: second\r\n\r\n");
	settle(f);
	flow_raw_frame(f, r, 0x81, "whole", 5);
	/* a frame and a ping cut by the end of a read */
	flow_raw_send(f, r, "\x82\x85\0\0\0\0cu", 8);
	settle(f);
	flow_raw_send(f, r, "t i\x89\x84\0\0\0\0pi", 11);
	settle(f);
	flow_raw_puts(f, r, "ng");
	settle(f);
	flow_raw_frame(f, r, 0x88, "\x03\xe8", 2);
	settle(f);
	flow_raw_forget(r);
}

static void
stop_and_go(struct flow *f)
{
	struct flow_conn *s = NULL;
	struct flow_raw *r = flow_raw(f, 0);
	unsigned n;

	flow_raw_puts(f, r, "GET / HTTP/1.1\r\nHost: h\r\n"
		      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		      "Sec-WebSocket-Version: 13\r\n\r\n");
	settle(f);
	for (n = 0; flow_server(f, n); n++)
		s = flow_server(f, n);
	if (s && s->wsi && s->count[LWS_CALLBACK_ESTABLISHED]) {
		libwebsocket_rx_flow_control(s->wsi, 0);
		flow_raw_frame(f, r, 0x81, "held", 4);
		settle(f);
		if (s->wsi)
			libwebsocket_rx_flow_control(s->wsi, 1);
	}
	settle(f);
	flow_raw_forget(r);
}

static void
slow_reader(struct flow *f)
{
	struct flow_conn *s = NULL;
	struct flow_raw *r = flow_raw(f, 4096);
	unsigned n;

	flow_raw_puts(f, r, "GET / HTTP/1.1\r\nHost: h\r\n"
		      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		      "Sec-WebSocket-Version: 13\r\n"
		      "Sec-WebSocket-Protocol: second\r\n\r\n");
	settle(f);
	r->deaf = true;
	/* the first is a bystander's */
	for (n = 1; flow_server(f, n); n++)
		s = flow_server(f, n);
	for (n = 0; s && s->count[LWS_CALLBACK_ESTABLISHED] && n < 20; n++) {
		if (s->wsi && flow_write(s, much, sizeof(much),
					 LWS_WRITE_BINARY) < 0)
			break;
		if (s->wsi && flow_write(s, much, 100, LWS_WRITE_TEXT) < 0)
			break;
		flow_raw_frame(f, r, 0x89, "ping", 4);
		flow_turn(f);
	}
	settle(f);
	flow_raw_forget(r);
}

static void
requests(struct flow *f)
{
	struct flow_raw *r = flow_raw(f, 0);

	flow_raw_puts(f, r, "GET /a%20b HTTP/1.1\r\nHost: h\r\n\r\n"
		      "GET /c?d HTTP/1.1\r\nHost: h\r\n\r\n"
		      "POST /post HTTP/1.1\r\nHost: h\r\n"
		      "Content-Length: 3\r\n\r\nabc"
		      "GET /file HTTP/1.1\r\nHost: h\r\n\r\n"
		      "GET /post HTTP/1.1\r\nHost: h\r\n\r\n"
		      "GET /e HTTP/1.1\r\nHost: h\r\n\r\n"
		      "BREW / HTTP/1.1\r\nHost: h\r\n\r\n");
	settle(f);
	flow_raw_forget(r);
}

static void
client(struct flow *f)
{
	struct flow_conn *c = flow_connect(f, 0, "second");

	settle(f);
	if (!c)
		return;
	if (c->wsi && c->count[LWS_CALLBACK_CLIENT_ESTABLISHED]) {
		flow_text(c, "hello");
		if (c->wsi)
			flow_write(c, much, 40000, LWS_WRITE_BINARY);
	}
	settle(f);
	if (c->wsi)
		libwebsocket_close_and_free_session(
			f->side[0].context, c->wsi, LWS_CLOSE_STATUS_NORMAL);
	settle(f);
	if (c->wsi)
		libwebsockets_hangup_on_client(
			f->side[0].context,
			libwebsocket_get_socket_fd(c->wsi));
}

static void
second_context(struct flow *f)
{
	struct flow_side *side = &f->side[1];

	side->info.port = 0;
	side->info.iface = "127.0.0.1";
	side->context = libwebsocket_create_context(&side->info);
	if (side->context)
		settle(f);
}

/* ---- each with every allocation failing ---- */

static void
bystanders_talk(struct flow *f, struct flow_conn *s, struct flow_conn *c)
{
	size_t before = c->got.len;

	assert_int_equal(flow_text(c, "still there?"), 12);
	FLOW_UNTIL(f, c->got.len == before + 12);
	assert_false(flow_over(s));
}

static unsigned
sweep(void (*flow)(struct flow *f), const char *backend)
{
	struct flow_conn *s, *c;
	struct flow f;
	unsigned n;
	bool done = false;

	for (n = 0; n < MOST && !done; n++) {
		flow_begin(&f);
		f.hook = app;
		f.hasty = true;
		f.side[0].info.event_backend = backend;
		flow_open(&f);
		flow_pair(&f, &s, &c);
		flow_fail_allocation((long)n);
		flow(&f);
		done = !flow_allocation_failed();
		flow_fail_allocation(-1);
		settle(&f);
		bystanders_talk(&f, s, c);
		flow_end(&f);
	}
	assert_true(done);
	return n;
}

#define SWEEP(flow)							\
static void								\
test_##flow(void **state)						\
{									\
	(void)state;							\
	assert_true(sweep(flow, "epoll") > 1);				\
	assert_true(sweep(flow, "poll") > 1);				\
}

SWEEP(upgrade_and_echo)
SWEEP(stop_and_go)
SWEEP(slow_reader)
SWEEP(requests)
SWEEP(client)
SWEEP(second_context)

static int
make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || write(fd, much, sizeof(much)) != sizeof(much))
		return -1;
	return close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upgrade_and_echo),
		cmocka_unit_test(test_stop_and_go),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_second_context),
	};

	return cmocka_run_group_tests(tests, make_file,
				      remove_file);
}
