/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * flow/flow.c - client and server of the library, and strangers on raw
 * sockets, in one process.
 */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

#include "base/err.h"
#include "base/limits.h"
#include "event/event.h"

/* user space of the two protocols: bytes */
#define SPACE_0 24
#define SPACE_1 40

/* ---- memory ---- */

/* in front of each block: its size, and room to keep it aligned */
union block {
	size_t size;
	long double align;
};

static long blocks, fail_in = -1;
static unsigned allowed;	/* nested calls of allow_all() */
static bool failed;
static size_t memory, peak;

/* Threads may call; then the counts are not looked at. */
static void *
resize(void *ptr, size_t size)
{
	union block *old = ptr ? (union block *)ptr - 1 : NULL, *got;
	size_t before = old ? old->size : 0;

	if (!size) {
		__atomic_sub_fetch(&memory, before, __ATOMIC_RELAXED);
		__atomic_sub_fetch(&blocks, old != NULL, __ATOMIC_RELEASE);
		free(old);
		return NULL;
	}
	if (!allowed && __atomic_load_n(&fail_in, __ATOMIC_RELAXED) >= 0 &&
	    !__atomic_fetch_sub(&fail_in, 1, __ATOMIC_RELAXED)) {
		failed = true;
		return NULL;
	}
	got = realloc(old, sizeof(*got) + size);
	assert_non_null(got);
	got->size = size;
	__atomic_add_fetch(&blocks, !old, __ATOMIC_RELAXED);
	before = __atomic_add_fetch(&memory, size - before, __ATOMIC_RELAXED);
	if (before > __atomic_load_n(&peak, __ATOMIC_RELAXED))
		__atomic_store_n(&peak, before, __ATOMIC_RELAXED);
	return got + 1;
}

void
flow_fail_allocation(long n)
{
	fail_in = n;
	failed = false;
}

/* Let nothing fail, until it is called with false. */
static void
allow_all(bool on)
{
	allowed += on ? 1 : -1u;
}

bool
flow_allocation_failed(void)
{
	return failed;
}

long
flow_blocks(void)
{
	return __atomic_load_n(&blocks, __ATOMIC_ACQUIRE);
}

size_t
flow_memory(void)
{
	return memory;
}

size_t
flow_memory_peak(void)
{
	size_t most = peak;

	peak = memory;
	return most;
}

void
flow_add(struct flow_bytes *b, const void *data, size_t len)
{
	if (b->cap - b->len < len + 1) {
		b->cap = 2 * (b->len + len + 1);
		b->p = realloc(b->p, b->cap);
		assert_non_null(b->p);
	}
	if (len)
		memcpy(b->p + b->len, data, len);
	b->len += len;
	b->p[b->len] = '\0';
}

void
flow_free(struct flow_bytes *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

unsigned
flow_count_fds(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

uint64_t
flow_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- the log ---- */

static unsigned errors, warnings;
static char last_line[512];

static void
note_line(int level, const char *line)
{
	errors += level == LLL_ERR;
	warnings += level == LLL_WARN;
	if (level == LLL_ERR || level == LLL_WARN)
		snprintf(last_line, sizeof(last_line), "%s", line);
	if (getenv("FLOW_VERBOSE"))
		fputs(line, stderr);
}

unsigned
flow_errors(void)
{
	return errors;
}

unsigned
flow_warnings(void)
{
	return warnings;
}

const char *
flow_last_line(void)
{
	return last_line;
}

/* ---- noting callbacks ---- */

static const char *const names[FLOW_REASONS] = {
#define NAME(reason) [LWS_CALLBACK_##reason] = #reason
	NAME(ESTABLISHED), NAME(CLIENT_CONNECTION_ERROR),
	NAME(CLIENT_FILTER_PRE_ESTABLISH), NAME(CLIENT_ESTABLISHED),
	NAME(CLOSED), NAME(CLOSED_HTTP), NAME(RECEIVE), NAME(CLIENT_RECEIVE),
	NAME(CLIENT_RECEIVE_PONG), NAME(CLIENT_WRITEABLE),
	NAME(SERVER_WRITEABLE), NAME(HTTP), NAME(HTTP_BODY),
	NAME(HTTP_BODY_COMPLETION), NAME(HTTP_FILE_COMPLETION),
	NAME(HTTP_WRITEABLE), NAME(FILTER_NETWORK_CONNECTION),
	NAME(FILTER_HTTP_CONNECTION), NAME(SERVER_NEW_CLIENT_INSTANTIATED),
	NAME(FILTER_PROTOCOL_CONNECTION),
	NAME(OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS),
	NAME(OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS),
	NAME(OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION),
	NAME(CLIENT_APPEND_HANDSHAKE_HEADER), NAME(CONFIRM_EXTENSION_OKAY),
	NAME(CLIENT_CONFIRM_EXTENSION_SUPPORTED), NAME(PROTOCOL_INIT),
	NAME(PROTOCOL_DESTROY), NAME(WSI_CREATE), NAME(WSI_DESTROY),
	NAME(GET_THREAD_ID), NAME(ADD_POLL_FD), NAME(DEL_POLL_FD),
	NAME(CHANGE_MODE_POLL_FD), NAME(LOCK_POLL), NAME(UNLOCK_POLL),
	NAME(OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY), NAME(BROADCAST),
	NAME(SET_MODE_POLL_FD), NAME(CLEAR_MODE_POLL_FD),
	NAME(CLIENT_RECONNECTING),
#undef NAME
};

static struct flow_conn *
new_conn(struct flow_side *side, struct libwebsocket *wsi)
{
	struct flow *f = side->flow;
	struct flow_conn *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->flow = f;
	c->side = side;
	c->wsi = wsi;
	c->fd = -1;
	f->conns = realloc(f->conns, (f->count_conns + 1) * sizeof(c));
	assert_non_null(f->conns);
	f->conns[f->count_conns++] = c;
	flow_add(&c->trace, "", 0);
	flow_add(&c->got, "", 0);
	return c;
}

static struct flow_conn *
find_conn(struct flow_side *side, struct libwebsocket *wsi)
{
	struct flow *f = side->flow;
	unsigned n = f->count_conns;

	while (n--)
		if (f->conns[n]->wsi == wsi && f->conns[n]->side == side)
			return f->conns[n];
	return NULL;
}

static void
append_name(struct flow_conn *c, unsigned protocol, unsigned reason)
{
	if (c->flow->quiet)
		return;
	if (c->trace.len)
		flow_add(&c->trace, " ", 1);
	flow_add(&c->trace, names[reason], strlen(names[reason]));
	if (protocol)
		flow_add(&c->trace, "/1", 2);
}

static struct pollfd *
find_poll(struct flow_side *side, int fd)
{
	unsigned n;

	for (n = 0; n < side->count_polls; n++)
		if (side->polls[n].fd == fd)
			return &side->polls[n];
	return NULL;
}

/* ADD, DEL and CHANGE: strictly paired, and only under the lock. */
static void
note_poll(struct flow_side *side, struct flow_conn *c, unsigned reason,
	  const struct libwebsocket_pollargs *args)
{
	struct pollfd *p = find_poll(side, args->fd);

	if (reason == LWS_CALLBACK_ADD_POLL_FD) {
		assert_null(p);
		assert_true(side->count_polls < COUNT(side->polls));
		assert_int_equal(args->events, POLLIN);
		assert_int_equal(args->prev_events, 0);
		p = &side->polls[side->count_polls++];
		p->fd = args->fd;
		p->events = POLLIN;
		p->revents = 0;
	} else if (reason == LWS_CALLBACK_DEL_POLL_FD) {
		assert_non_null(p);
		assert_true(fcntl(args->fd, F_GETFD) >= 0);
		*p = side->polls[--side->count_polls];
	} else {
		assert_non_null(p);
		assert_int_equal(p->events, args->prev_events);
		assert_int_not_equal(args->events, args->prev_events);
		p->events = (short)args->events;
	}
	if (c) {
		assert_true(c->locked);
		assert_int_equal(c->polled,
				 reason != LWS_CALLBACK_ADD_POLL_FD);
		c->polled = reason != LWS_CALLBACK_DEL_POLL_FD;
		c->fd = args->fd;
		c->events = c->polled ? find_poll(side, args->fd)->events : 0;
	}
}

static void
note_poll_group(struct flow_side *side, struct flow_conn *c, unsigned reason,
		const struct libwebsocket_pollargs *args)
{
	assert_true(args->fd >= 0);
	if (reason == LWS_CALLBACK_LOCK_POLL) {
		if (c)
			assert_false(c->locked);
		if (c)
			c->locked = true;
	} else if (reason == LWS_CALLBACK_UNLOCK_POLL) {
		if (c)
			assert_true(c->locked);
		if (c)
			c->locked = false;
	} else {
		note_poll(side, c, reason, args);
		if (c && reason != LWS_CALLBACK_CHANGE_MODE_POLL_FD)
			append_name(c, 0, reason);
	}
}

static size_t
space_size(const struct flow_side *side, unsigned protocol)
{
	return side->protocols[protocol].per_session_data_size;
}

/* User space comes zeroed; what is written to it stays until the end. */
static void
take_space(struct flow_conn *c, unsigned protocol, uint8_t *user)
{
	size_t n, size = space_size(c->side, protocol);

	if (c->userdata) {
		assert_ptr_equal(user, c->space);
		return;
	}
	c->space = user;
	if (!size) {
		assert_null(user);
		return;
	}
	assert_non_null(user);
	for (n = 0; n < size; n++)
		assert_int_equal(user[n], 0);
	memset(user, 0x5a, size);
}

static void
check_space(struct flow_conn *c, unsigned protocol, unsigned reason,
	    uint8_t *user)
{
	bool fresh = reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION ||
		     reason == LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH ||
		     (reason == LWS_CALLBACK_FILTER_HTTP_CONNECTION &&
		      c->count[reason] == 1);

	if (fresh) {
		take_space(c, protocol, user);
		return;
	}
	assert_ptr_equal(user, c->space);
	if (user && !c->userdata && !failed)
		assert_int_equal(user[0], 0x5a);
}

static bool
is_over(const struct flow_conn *c)
{
	return c->count[LWS_CALLBACK_CLOSED] ||
	       c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR];
}

/* The order that holds for every connection, whatever happens to it. */
static void
check_order(const struct flow_conn *c, unsigned reason)
{
	bool open = c->count[LWS_CALLBACK_ESTABLISHED] ||
		    c->count[LWS_CALLBACK_CLIENT_ESTABLISHED];

	assert_int_equal(c->count[LWS_CALLBACK_WSI_DESTROY],
			 reason == LWS_CALLBACK_WSI_DESTROY);
	assert_int_equal(c->count[LWS_CALLBACK_WSI_CREATE], 1);
	if (reason == LWS_CALLBACK_WSI_DESTROY) {
		assert_false(c->polled);
		if (open)
			assert_int_equal(c->count[LWS_CALLBACK_CLOSED], 1);
		return;
	}
	assert_true(!is_over(c) || reason == LWS_CALLBACK_CLOSED ||
		    reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR ||
		    reason == LWS_CALLBACK_CLIENT_RECONNECTING);
	assert_true(c->count[LWS_CALLBACK_CLOSED] +
		    c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR] <= 1);
	assert_true(c->count[LWS_CALLBACK_CLOSED_HTTP] <= 1);
	switch (reason) {
	case LWS_CALLBACK_CLOSED:
		assert_true(open);
		assert_false(c->polled);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		assert_true(c->client && !open && !c->polled);
		break;
	case LWS_CALLBACK_CLIENT_RECONNECTING:
		assert_true(c->client && is_over(c));
		break;
	case LWS_CALLBACK_CLOSED_HTTP:
		assert_true(!open && !c->client);
		assert_true(c->count[LWS_CALLBACK_FILTER_HTTP_CONNECTION]);
		break;
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_BROADCAST:
		assert_true(open && !c->client && c->polled);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		assert_true(open && c->client && c->polled);
		break;
	}
}

/* What the columns "to" and "user / in / len" promise. */
static void
check_args(struct flow_conn *c, unsigned protocol, unsigned reason, void *in,
	   size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_CLIENT_RECEIVE:
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
		assert_non_null(in);
		assert_int_equal(((char *)in)[len], '\0');
		break;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		assert_int_equal(in != NULL, len != 0);
		assert_int_equal(lws_hdr_total_length(
				c->wsi, WSI_TOKEN_PROTOCOL), (int)len);
		break;
	case LWS_CALLBACK_CONFIRM_EXTENSION_OKAY:
	case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
		assert_true(strlen(in) > 0);
		assert_int_equal(len, 0);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		assert_int_equal(strlen(in), len);
		assert_true(len > 0);
		snprintf(c->why, sizeof(c->why), "%s", (char *)in);
		break;
	case LWS_CALLBACK_CLIENT_RECONNECTING:
		assert_non_null(in);
		assert_true(strlen(in) > 0);
		break;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		assert_non_null(*(char **)in);
		assert_true(len >= 1024);
		break;
	case LWS_CALLBACK_BROADCAST:
		assert_true(in || !len);
		break;
	default:
		assert_null(in);
		assert_int_equal(len, 0);
		break;
	}
	if (reason == LWS_CALLBACK_HTTP ||
	    reason == LWS_CALLBACK_FILTER_HTTP_CONNECTION)
		assert_int_equal(strlen(in), len);
	assert_ptr_equal(libwebsockets_get_protocol(c->wsi),
			 &c->side->protocols[protocol ? 1 :
				libwebsockets_get_protocol(c->wsi) -
					c->side->protocols]);
}

static int
note_listener(struct flow_side *side, struct libwebsocket *wsi,
	      unsigned reason, void *user, void *in, size_t len)
{
	struct flow_conn *c = side->listener;

	if (!c) {
		c = side->listener = new_conn(side, wsi);
		c->listener = true;
	}
	assert_ptr_equal(c->wsi, wsi);
	c->count[reason]++;
	if (reason != LWS_CALLBACK_FILTER_NETWORK_CONNECTION) {
		assert_null(user);
		note_poll_group(side, c, reason, in);
		return 0;
	}
	assert_int_equal(len, 0);
	assert_true(fcntl((int)(intptr_t)in, F_GETFD) >= 0);
	return side->flow->hook ? side->flow->hook(
			c, (enum libwebsocket_callback_reasons)reason, in,
			len) : 0;
}

/* What OpenSSL asks goes to the first protocol, with its own objects. */
static int
note_tls(struct flow_side *side, unsigned protocol, unsigned reason,
	 void *user)
{
	assert_int_equal(protocol, 0);
	assert_non_null(user);
	assert_true(reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS
		    || reason ==
			    LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS
		    || reason ==
			    LWS_CALLBACK_OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY);
	side->tls_told++;
	return 0;
}

/* Reasons without a connection. */
static int
note_context(struct flow_side *side, unsigned protocol, unsigned reason,
	     void *user, void *in, size_t len)
{
	if (reason == LWS_CALLBACK_CLIENT_RECONNECTING)
		return side->flow->hook(NULL,
			(enum libwebsocket_callback_reasons)reason, in, len);
	if (user)
		return note_tls(side, protocol, reason, user);
	assert_int_equal(len, 0);
	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		assert_null(in);
		assert_int_equal(side->inits, protocol);
		side->inits++;
		break;
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		assert_null(in);
		assert_int_equal(side->destroys, protocol);
		side->destroys++;
		break;
	default:
		note_poll_group(side, NULL, reason, in);
		break;
	}
	return 0;
}

static bool
is_poll(unsigned reason)
{
	return reason == LWS_CALLBACK_ADD_POLL_FD ||
	       reason == LWS_CALLBACK_DEL_POLL_FD ||
	       reason == LWS_CALLBACK_CHANGE_MODE_POLL_FD ||
	       reason == LWS_CALLBACK_LOCK_POLL ||
	       reason == LWS_CALLBACK_UNLOCK_POLL;
}

static struct flow_conn *
conn_for(struct flow_side *side, struct libwebsocket *wsi, unsigned reason,
	 void *user)
{
	struct flow *f = side->flow;
	struct flow_conn *c;

	if (reason != LWS_CALLBACK_WSI_CREATE)
		return find_conn(side, wsi);
	assert_null(find_conn(side, wsi));
	c = new_conn(side, wsi);
	c->client = f->connecting != NULL;
	c->userdata = c->client && f->userdata;
	c->space = c->client ? f->userdata : NULL;
	assert_ptr_equal(user, c->space);
	return c;
}

static int
note(struct libwebsocket_context *context, unsigned protocol,
     struct libwebsocket *wsi, unsigned reason, void *user, void *in,
     size_t len)
{
	struct flow_side *side = libwebsocket_context_user(context);
	struct flow *f = side->flow;
	struct flow_conn *c;
	int rc;

	if (!wsi)
		return note_context(side, protocol, reason, user, in, len);
	c = conn_for(side, wsi, reason, user);
	if (!c || c->listener)
		return note_listener(side, wsi, reason, user, in, len);
	if (reason < FLOW_REASONS)
		c->count[reason]++;
	/* made for a callback that did not come any more */
	if (failed && !c->space)
		c->space = user;
	if (is_poll(reason)) {
		assert_int_equal(protocol, 0);
		assert_ptr_equal(user, c->space);
		note_poll_group(side, c, reason, in);
	} else if (reason < FLOW_REASONS) {
		append_name(c, protocol, reason);
		check_order(c, reason);
		check_space(c, protocol, reason, user);
		check_args(c, protocol, reason, in, len);
	}
	if (!f->quiet && (reason == LWS_CALLBACK_RECEIVE ||
			  reason == LWS_CALLBACK_CLIENT_RECEIVE))
		flow_add(&c->got, in, len);
	rc = f->hook ? f->hook(c, (enum libwebsocket_callback_reasons)reason,
			       in, len) : 0;
	if (reason == LWS_CALLBACK_WSI_DESTROY)
		c->wsi = NULL;
	return rc;
}

static int
callback_0(struct libwebsocket_context *context, struct libwebsocket *wsi,
	   enum libwebsocket_callback_reasons reason, void *user, void *in,
	   size_t len)
{
	if (reason == LWS_CALLBACK_GET_THREAD_ID)
		return 0;
	return note(context, 0, wsi, (unsigned)reason, user, in, len);
}

static int
callback_1(struct libwebsocket_context *context, struct libwebsocket *wsi,
	   enum libwebsocket_callback_reasons reason, void *user, void *in,
	   size_t len)
{
	return note(context, 1, wsi, (unsigned)reason, user, in, len);
}

const char *
flow_trace(struct flow_conn *c)
{
	return (const char *)c->trace.p;
}

/* ---- setting up ---- */

bool
flow_over_tls(void)
{
	return getenv("FLOW_TLS") != NULL;
}

const char *
flow_cert(const char *file)
{
	static char paths[8][512];
	static unsigned next;
	const char *folder = getenv("FLOW_TLS");
	char *path = paths[next++ % COUNT(paths)];

	if (!folder)
		folder = getenv("FLOW_CERTS");
	if (!folder)
		return NULL;
	snprintf(path, sizeof(paths[0]), "%s/%s", folder, file);
	return path;
}

/* Applications may say nothing to this; so do we. */
static void
no_more_certs(struct libwebsocket_context *context, void *ssl_ctx, bool server)
{
	(void)context;
	(void)ssl_ctx;
	(void)server;
}

static struct lws_tls *
raw_tls(const struct lws_context_creation_info *info, bool listens)
{
	static const struct lws_tls_hooks hooks = {
		.load_certs = no_more_certs,
	};
	const struct lws_tls_setup setup = {
		.info = info,
		.hooks = &hooks,
		.listens = listens,
	};
	struct lws_tls *tls;
	char why[LWS_TLS_WHY];

	if (lws_tls_open(&setup, &tls, why) < 0)
		fail_msg("%s", why);
	return tls;
}

void
flow_use_tls(struct flow *f)
{
	struct lws_context_creation_info *server = &f->side[0].info;
	struct lws_context_creation_info client = { .port = -1 };

	server->ssl_cert_filepath = flow_cert("server.pem");
	server->ssl_private_key_filepath = flow_cert("server.key.pem");
	server->ssl_ca_filepath = f->side[1].info.ssl_ca_filepath =
		client.ssl_ca_filepath = flow_cert("ca.pem");
	f->ssl = 1;
	f->tls = true;
	f->raw_server = raw_tls(server, true);
	f->raw_client = raw_tls(&client, false);
}

void
flow_begin(struct flow *f)
{
	unsigned n;

	memset(f, 0, sizeof(*f));
	f->version = -1;
	f->open_fds = flow_count_fds();
	lws_set_allocator(resize);
	flow_fail_allocation(-1);
	f->blocks = blocks;
	errors = warnings = 0;
	last_line[0] = '\0';
	lws_set_log_level(LLL_ERR | LLL_WARN |
			  (getenv("FLOW_VERBOSE") ? 1023 : 0), note_line);
	for (n = 0; n < 2; n++) {
		struct flow_side *s = &f->side[n];

		s->flow = f;
		s->protocols[0].name = "first";
		s->protocols[0].callback = callback_0;
		s->protocols[0].per_session_data_size = SPACE_0;
		s->protocols[1].name = "second";
		s->protocols[1].callback = callback_1;
		s->protocols[1].per_session_data_size = SPACE_1;
		s->info.port = n ? CONTEXT_PORT_NO_LISTEN : 0;
		s->info.iface = n ? NULL : "127.0.0.1";
		s->info.protocols = s->protocols;
		s->info.uid = s->info.gid = -1;
		s->info.user = s;
		/* whom this machine trusts is nothing to us, and long to read */
		s->info.options = LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	}
	if (flow_over_tls())
		flow_use_tls(f);
}

const char *
flow_backend(const char *name)
{
	return name && !strcmp(name, "epoll") && !lws_event_find(name) ? NULL
								       : name;
}

static void
open_side(struct flow_side *side)
{
	side->info.event_backend = flow_backend(side->info.event_backend);
	side->context = libwebsocket_create_context(&side->info);
	assert_non_null(side->context);
	assert_int_equal(side->inits, 2);
}

void
flow_open(struct flow *f)
{
	open_side(&f->side[0]);
	assert_true(flow_port(f) > 0);
}

void
flow_open_second(struct flow *f)
{
	open_side(&f->side[1]);
}

int
flow_port(const struct flow *f)
{
	return f->side[0].info.port;
}

void
flow_destroy(struct flow_side *side)
{
	struct flow *f = side->flow;
	unsigned n;

	if (!side->context)
		return;
	libwebsocket_context_destroy(side->context);
	side->context = NULL;
	assert_int_equal(side->inits, side->destroys);
	assert_int_equal(side->count_polls, 0);
	for (n = 0; n < f->count_conns; n++)
		if (f->conns[n]->side == side && !f->conns[n]->listener)
			assert_null(f->conns[n]->wsi);
	side->listener = NULL;
}

void
flow_raw_forget(struct flow_raw *r)
{
	if (r->fd >= 0)
		flow_raw_close(r);
	flow_free(&r->in);
}

static void
forget_all(struct flow *f)
{
	unsigned n;

	for (n = 0; n < f->count_raws; n++) {
		flow_raw_forget(f->raws[n]);
		free(f->raws[n]);
	}
	for (n = 0; n < f->count_conns; n++) {
		flow_free(&f->conns[n]->trace);
		flow_free(&f->conns[n]->got);
		free(f->conns[n]);
	}
	free(f->raws);
	free(f->conns);
}

/*
 * A helper that looked up names gives back what it has when it gets to run, which
 * may be after all else has ended.
 */
static void
await_helpers(const struct flow *f)
{
	const uint64_t limit = flow_ms() + FLOW_PATIENCE_MS / 6;

	while (flow_blocks() > f->blocks && flow_ms() < limit)
		usleep(1000);
}

void
flow_end(struct flow *f)
{
	flow_destroy(&f->side[1]);
	flow_destroy(&f->side[0]);
	forget_all(f);
	lws_tls_close(f->raw_server);
	lws_tls_close(f->raw_client);
	if (f->within)
		return;
	await_helpers(f);
	assert_int_equal(flow_blocks(), f->blocks);
	assert_int_equal(flow_count_fds(), f->open_fds);
}

/* ---- connections ---- */

struct flow_conn *
flow_connect_to(struct flow *f, int n, int port, const char *protocol,
		void *userdata)
{
	struct flow_side *side = &f->side[n];
	struct libwebsocket *wsi;
	unsigned before = f->count_conns;

	f->connecting = (struct libwebsocket *)f;
	f->userdata = userdata;
	wsi = libwebsocket_client_connect_extended(
		side->context, f->address ? f->address : "127.0.0.1", port,
		f->ssl, "/", "localhost", NULL, protocol, f->version, userdata);
	f->connecting = NULL;
	if (!wsi)
		return NULL;
	assert_int_equal(f->count_conns, before + 1);
	assert_ptr_equal(f->conns[before]->wsi, wsi);
	return f->conns[before];
}

struct flow_conn *
flow_connect(struct flow *f, int n, const char *protocol)
{
	return flow_connect_to(f, n, flow_port(f), protocol, NULL);
}

static struct flow_conn *
nth(const struct flow *f, unsigned n, bool client)
{
	unsigned k;

	for (k = 0; k < f->count_conns; k++) {
		struct flow_conn *c = f->conns[k];

		if (!c->listener && c->client == client && !n--)
			return c;
	}
	return NULL;
}

struct flow_conn *
flow_server(const struct flow *f, unsigned n)
{
	return nth(f, n, false);
}

struct flow_conn *
flow_client(const struct flow *f, unsigned n)
{
	return nth(f, n, true);
}

/* connections accepted so far */
static unsigned
count_servers(const struct flow *f)
{
	unsigned n = 0;

	while (flow_server(f, n))
		n++;
	return n;
}

void
flow_pair(struct flow *f, struct flow_conn **server, struct flow_conn **client)
{
	unsigned n = count_servers(f);

	*client = flow_connect(f, f->side[1].context ? 1 : 0, "second");
	assert_non_null(*client);
	FLOW_UNTIL(f, (*client)->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	*server = flow_server(f, n);
	assert_non_null(*server);
	assert_int_equal((*server)->count[LWS_CALLBACK_ESTABLISHED], 1);
}

bool
flow_over(const struct flow_conn *c)
{
	return c->count[LWS_CALLBACK_WSI_DESTROY];
}

int
flow_write(struct flow_conn *c, const void *data, size_t len, int kind)
{
	unsigned char *buf = malloc(LWS_SEND_BUFFER_PRE_PADDING + len +
				    LWS_SEND_BUFFER_POST_PADDING);
	int rc;

	assert_non_null(buf);
	if (len)
		memcpy(buf + LWS_SEND_BUFFER_PRE_PADDING, data, len);
	rc = libwebsocket_write(c->wsi, buf + LWS_SEND_BUFFER_PRE_PADDING, len,
				(enum libwebsocket_write_protocol)kind);
	free(buf);
	return rc;
}

int
flow_text(struct flow_conn *c, const char *text)
{
	return flow_write(c, text, strlen(text), LWS_WRITE_TEXT);
}

/* ---- driving ---- */

static void
pump_raw(struct flow_raw *r)
{
	uint8_t buf[65536];
	ssize_t n;

	if (r->fd < 0 || r->deaf || r->eof || r->reset)
		return;
	/* what strangers need is none of the library's memory */
	allow_all(true);
	while ((n = r->stream.ops->recv(&r->stream, buf, sizeof(buf))) > 0)
		flow_add(&r->in, buf, (size_t)n);
	allow_all(false);
	if (!n || n == LWS_ERR_CLOSED)
		r->eof = true;
	else if (n != LWS_ERR_AGAIN && errno != ENOTCONN && errno != EINVAL)
		r->reset = true;
}

/* As an application does: its array changes while it goes through it. */
static void
turn_outside(struct flow_side *side, int timeout_ms)
{
	unsigned n;
	int rc = poll(side->polls, side->count_polls, timeout_ms);

	assert_true(rc >= 0 || errno == EINTR);
	if (rc <= 0)
		assert_int_equal(libwebsocket_service_fd(side->context, NULL),
				 0);
	for (n = 0; rc > 0 && n < side->count_polls; n++) {
		struct pollfd ready = side->polls[n];

		if (!ready.revents)
			continue;
		side->polls[n].revents = 0;
		assert_true(libwebsocket_service_fd(side->context, &ready) >=
			    0);
		assert_int_equal(ready.revents, 0);
	}
}

void
flow_turn(struct flow *f)
{
	int ms = f->hasty ? 0 : f->count_raws || f->side[1].context ? 1 : 20;
	unsigned n;

	f->turns++;
	for (n = 0; n < 2; n++) {
		if (!f->side[n].context)
			continue;
		if (f->side[n].loop)
			f->side[n].loop(ms);
		else if (f->side[n].external)
			turn_outside(&f->side[n], ms);
		else
			assert_int_equal(libwebsocket_service(
					f->side[n].context, ms), 0);
	}
	for (n = 0; n < f->count_raws; n++)
		pump_raw(f->raws[n]);
}

/* On a machine that is busy the time may be over before anything was done. */
void
flow_idle(struct flow *f, unsigned ms)
{
	const uint64_t end = flow_ms() + ms;
	unsigned turns = 0;

	while (turns++ < 3 || flow_ms() < end)
		flow_turn(f);
}

/* ---- strangers ---- */

static struct flow_raw *
new_raw(struct flow *f, int fd)
{
	struct flow_raw *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	assert_true(fd >= 0);
	r->fd = r->stream.fd = fd;
	r->stream.ops = &lws_transport_plain;
	f->raws = realloc(f->raws, (f->count_raws + 1) * sizeof(r));
	assert_non_null(f->raws);
	f->raws[f->count_raws++] = r;
	flow_add(&r->in, "", 0);
	return r;
}

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	return at;
}

static int
handshake(struct flow_raw *r)
{
	int rc;

	allow_all(true);
	rc = r->stream.ops->handshake(&r->stream);
	allow_all(false);
	return rc;
}

static void
attach_tls(struct flow *f, struct flow_raw *r, bool server)
{
	const struct lws_tls_peer peer = { "127.0.0.1", 1, 1 };
	char why[LWS_TLS_WHY];
	int rc;

	allow_all(true);
	rc = server ? lws_tls_accept(f->raw_server, &r->stream)
		    : lws_tls_connect(f->raw_client, &r->stream, &peer, why);
	allow_all(false);
	assert_int_equal(rc, 0);
}

/* The handshake of @r, which nobody reads from meanwhile. */
static struct flow_raw *
shake_hands(struct flow *f, struct flow_raw *r, bool server)
{
	const bool deaf = r->deaf;
	int rc;

	if (!f->tls || r->stream.tls)
		return r;
	attach_tls(f, r, server);
	r->deaf = true;
	FLOW_UNTIL(f, (rc = handshake(r)) != LWS_ERR_AGAIN);
	r->deaf = deaf;
	r->eof = rc < 0;
	return r;
}

struct flow_raw *
flow_raw_tcp(struct flow *f, int buffer)
{
	const struct sockaddr_in at = loopback(flow_port(f));
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	assert_true(fd >= 0);
	if (buffer) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)),
			 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return new_raw(f, fd);
}

struct flow_raw *
flow_raw(struct flow *f, int buffer)
{
	return shake_hands(f, flow_raw_tcp(f, buffer), false);
}

struct flow_raw *
flow_raw_refuse(struct flow *f, int *port)
{
	struct sockaddr_in at = loopback(0);
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*port = ntohs(at.sin_port);
	return new_raw(f, fd);
}

struct flow_raw *
flow_raw_listen(struct flow *f, int *port)
{
	struct flow_raw *r = flow_raw_refuse(f, port);

	assert_int_equal(listen(r->fd, 64), 0);
	return r;
}

struct flow_raw *
flow_raw_accept(struct flow *f, struct flow_raw *listener)
{
	int fd = -1;

	FLOW_UNTIL(f, (fd = accept(listener->fd, NULL, NULL)) >= 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return shake_hands(f, new_raw(f, fd), true);
}

ssize_t
flow_raw_try(struct flow_raw *r, const void *data, size_t len)
{
	const struct lws_span v = lws_span(data, len);
	const ssize_t n = r->stream.ops->sendv(&r->stream, &v, 1);

	return n < 0 ? -1 : n;
}

void
flow_raw_send(struct flow *f, struct flow_raw *r, const void *data, size_t len)
{
	struct lws_span v = lws_span(data, len);
	ssize_t n;

	while (v.len) {
		n = r->stream.ops->sendv(&r->stream, &v, 1);
		if (n == LWS_ERR_AGAIN)
			flow_turn(f);
		else if (n < 0)
			return;
		else
			lws_span_skip(&v, (size_t)n);
	}
}

void
flow_raw_puts(struct flow *f, struct flow_raw *r, const char *text)
{
	flow_raw_send(f, r, text, strlen(text));
}

void
flow_raw_frame(struct flow *f, struct flow_raw *r, int first, const void *data,
	       size_t len)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	uint8_t head[14] = { (uint8_t)first };
	uint8_t *all = malloc(len + sizeof(head));
	size_t n = 2, k;

	assert_non_null(all);
	if (len < 126) {
		head[1] = (uint8_t)(0x80 | len);
	} else {
		size_t bytes = len < 65536 ? 2 : 8;

		head[1] = (uint8_t)(0x80 | (bytes == 2 ? 126 : 127));
		while (bytes--)
			head[n++] = (uint8_t)((uint64_t)len >> 8 * bytes);
	}
	memcpy(head + n, mask, 4);
	n += 4;
	memcpy(all, head, n);
	for (k = 0; k < len; k++)
		all[n + k] = ((const uint8_t *)data)[k] ^ mask[k % 4];
	flow_raw_send(f, r, all, n + len);
	free(all);
}

void
flow_raw_ask(struct flow *f, struct flow_raw *r, const char *fields)
{
	char version[64];

	if (SPEC_LATEST_SUPPORTED < 7) {
		print_message("the strangers here speak 7 and above\n");
		skip();
	}
	shake_hands(f, r, false);
	flow_raw_puts(f, r,
		      "GET /chat HTTP/1.1\r\nHost: localhost\r\n"
		      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
	snprintf(version, sizeof(version), "Sec-WebSocket-Version: %d\r\n",
		 SPEC_LATEST_SUPPORTED);
	flow_raw_puts(f, r, version);
	flow_raw_puts(f, r, fields);
	flow_raw_puts(f, r, "Sec-WebSocket-Protocol: second\r\n\r\n");
	FLOW_UNTIL(f, flow_raw_has(r, "\r\n\r\n"));
}

/* What may have come behind the answer is not thrown away. */
void
flow_raw_upgrade(struct flow *f, struct flow_raw *r)
{
	const char *end;

	flow_raw_ask(f, r, "");
	assert_true(flow_raw_has(r, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	end = strstr((const char *)r->in.p, "\r\n\r\n");
	assert_non_null(end);
	end += 4;
	r->in.len -= (size_t)(end - (const char *)r->in.p);
	memmove(r->in.p, end, r->in.len + 1);
}

struct flow_raw *
flow_raw_ws(struct flow *f, int buffer)
{
	struct flow_raw *r = flow_raw(f, buffer);

	flow_raw_upgrade(f, r);
	return r;
}

void
flow_raw_answer(struct flow *f, struct flow_raw *r)
{
	flow_raw_answer_with(f, r, "");
}

void
flow_raw_answer_with(struct flow *f, struct flow_raw *r, const char *fields)
{
	static const char field[] = "Sec-WebSocket-Key: ";
	char text[128], accept[64], answer[1024];
	unsigned char digest[20];
	const char *key;

	FLOW_UNTIL(f, flow_raw_has(r, "\r\n\r\n"));
	key = strstr((const char *)r->in.p, field);
	assert_non_null(key);
	snprintf(text, sizeof(text), "%.24s%s", key + strlen(field),
		 "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	libwebsockets_SHA1((const unsigned char *)text, strlen(text), digest);
	lws_b64_encode_string((const char *)digest, 20, accept,
			      sizeof(accept));
	snprintf(answer, sizeof(answer),
		 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s"
		 "Sec-WebSocket-Protocol: second\r\n\r\n", accept, fields);
	r->in.len = 0;
	flow_raw_puts(f, r, answer);
}

unsigned
flow_raw_times(const struct flow_raw *r, const char *text)
{
	size_t n = strlen(text), k;
	unsigned times = 0;

	for (k = 0; k + n <= r->in.len; k++)
		times += !memcmp(r->in.p + k, text, n);
	return times;
}

bool
flow_raw_has(const struct flow_raw *r, const char *text)
{
	return flow_raw_times(r, text);
}

int
flow_raw_close_code(const struct flow_raw *r)
{
	const uint8_t *p = r->in.p, *end = p + r->in.len;

	while (end - p >= 2) {
		size_t len = p[1] & 0x7f, head = 2;

		if (len == 126 && end - p >= 4) {
			len = (size_t)(p[2] << 8 | p[3]);
			head = 4;
		} else if (len == 127 && end - p >= 10) {
			len = (size_t)p[6] << 24 | (size_t)p[7] << 16 |
			      (size_t)p[8] << 8 | p[9];
			head = 10;
		}
		if ((size_t)(end - p) < head + len)
			return -1;
		if ((p[0] & 0xf) == 8)
			return len < 2 ? 0 : p[2] << 8 | p[3];
		p += head + len;
	}
	return -1;
}

void
flow_raw_finish(struct flow_raw *r)
{
	r->stream.ops->finish(&r->stream);
}

void
flow_raw_close(struct flow_raw *r)
{
	r->stream.ops->close(&r->stream);
	r->fd = -1;
}

/* Close with a reset. */
void
flow_raw_reset(struct flow_raw *r)
{
	const struct linger at_once = { 1, 0 };

	setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	/* not a word of TLS either */
	r->stream.fd = -1;
	r->stream.ops->close(&r->stream);
	close(r->fd);
	r->fd = -1;
}
