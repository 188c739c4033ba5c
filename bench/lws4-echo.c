/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * lws4-echo.c - an echo server on Debian's libwebsockets 4, to measure against.
 *
 * Not part of the build: it includes and links the other library of that name.
 *	cc -O2 -o lws4-echo lws4-echo.c -lwebsockets
 *	lws4-echo [-c CERT -k KEY] [PORT [LEVEL [MEM_LEVEL]]]
 * With a LEVEL it accepts permessage-deflate and compresses at that level and
 * memory level, 1 and 8 as that library has them; context takeover and windows
 * are as the client asks.  Messages wait in the session, in a buffer that holds
 * 256 KiB of them, until the connection is writable, as that library wants it.
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM (256 * 1024)

struct chunk {
	size_t len;
	int binary, first, final;
};

struct session {
	unsigned char *mem;	/* LWS_PRE, chunks of header and payload */
	size_t head, tail;
	int stopped;
};

/* of the extension; no level: none */
static const char *level, *mem_level = "8";

static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int
keep(struct lws *wsi, struct session *s, const void *in, size_t len)
{
	struct chunk c;
	size_t need = LWS_PRE + sizeof(c) + ((len + 7) & ~(size_t)7);

	if (!s->mem)
		s->mem = malloc(ROOM);
	if (!s->mem || s->tail + need > ROOM)
		return -1;
	c.len = len;
	c.binary = lws_frame_is_binary(wsi);
	c.first = lws_is_first_fragment(wsi);
	c.final = lws_is_final_fragment(wsi);
	memcpy(s->mem + s->tail, &c, sizeof(c));
	memcpy(s->mem + s->tail + sizeof(c) + LWS_PRE, in, len);
	s->tail += need;
	if (s->tail > ROOM / 2 && !s->stopped) {
		s->stopped = 1;
		lws_rx_flow_control(wsi, 0);
	}
	lws_callback_on_writable(wsi);
	return 0;
}

static int
give(struct lws *wsi, struct session *s)
{
	while (s->head < s->tail && !lws_send_pipe_choked(wsi)) {
		struct chunk c;
		int kind;

		memcpy(&c, s->mem + s->head, sizeof(c));
		kind = lws_write_ws_flags(c.binary ? LWS_WRITE_BINARY
						   : LWS_WRITE_TEXT,
					  c.first, c.final);
		if (lws_write(wsi, s->mem + s->head + sizeof(c) + LWS_PRE,
			      c.len, kind) < (int)c.len)
			return -1;
		s->head += LWS_PRE + sizeof(c) + ((c.len + 7) & ~(size_t)7);
	}
	if (s->head < s->tail) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	s->head = s->tail = 0;
	if (s->stopped) {
		s->stopped = 0;
		lws_rx_flow_control(wsi, 1);
	}
	return 0;
}

/* Before the first message, with which that library makes its zlib streams. */
static int
set_up_deflate(struct lws *wsi)
{
	static const char name[] = "permessage-deflate";

	if (!level || lws_set_extension_option(wsi, name, "compression_level",
					       level) < 0)
		return 0;
	return lws_set_extension_option(wsi, name, "mem_level", mem_level);
}

static int
echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
     size_t len)
{
	struct session *s = user;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		return set_up_deflate(wsi);
	case LWS_CALLBACK_RECEIVE:
		return keep(wsi, s, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return give(wsi, s);
	case LWS_CALLBACK_CLOSED:
		free(s->mem);
		s->mem = NULL;
		return 0;
	default:
		return 0;
	}
}

int
main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "echo", echo, sizeof(struct session), 32768, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 }
	};
	static const struct lws_extension extensions[] = {
		{ "permessage-deflate", lws_extension_callback_pm_deflate,
		  "permessage-deflate" },
		{ NULL, NULL, NULL }
	};
	struct lws_context_creation_info info;
	struct lws_context *context;
	int n;

	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	while ((n = getopt(argc, argv, "c:k:")) != -1) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		if (n == 'c')
			info.ssl_cert_filepath = optarg;
		else if (n == 'k')
			info.ssl_private_key_filepath = optarg;
		else
			return 2;
	}
	argv += optind - 1;
	argc -= optind - 1;
	info.port = argc > 1 ? atoi(argv[1]) : 9103;
	if (argc > 2) {
		level = argv[2];
		info.extensions = extensions;
	}
	if (argc > 3)
		mem_level = argv[3];
	info.pt_serv_buf_size = 65536;
	info.gid = info.uid = (gid_t)-1;
	context = lws_create_context(&info);
	if (!context)
		return 1;
	n = 0;
	while (n >= 0 && !stop)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	return 0;
}
