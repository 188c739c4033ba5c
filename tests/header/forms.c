/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * header/forms.c - every form a call can have, in C and in C++.
 *
 * Compiled for each era and never run: that the right function is picked shows
 * in the types.  With -DWRONG=n it has a mistake that must not compile.
 */
#include "libwebsockets.h"

/* applications have these names too */
typedef int (*a_callback)(int n);
struct holder {
	a_callback callback;
	a_callback extension_callback;
};

/* addresses of functions that are macros as well */
typedef int (*writer)(struct libwebsocket *wsi, unsigned char *buf, size_t len,
		      enum libwebsocket_write_protocol protocol);
typedef struct libwebsocket_context *(*creator)(
	struct lws_context_creation_info *info);
typedef int (*server)(struct libwebsocket_context *context,
		      struct libwebsocket *wsi, const char *file,
		      const char *type, const char *other, int other_len);

#if LWS_API_ERA < 110
typedef void (*sink)(const char *line);
#else
typedef void (*sink)(int level, const char *line);
#endif
typedef void (*leveller)(int level, sink emit);

int logging(int n);
int serving(struct libwebsocket_context *context, struct libwebsocket *wsi);
void asking(struct libwebsocket_context *context, struct libwebsocket *wsi);
int pointing(struct lws_context_creation_info *info);
struct libwebsocket_context *creating(struct libwebsocket_protocols *protocols);

int
logging(int n)
{
	char bytes[2] = "x";

	lwsl_err("%d\n", n);
	lwsl_warn("plain\n");
	lwsl_notice("%s\n", bytes);
	if (n)
		lwsl_info("%d\n", n);
	else
		lwsl_debug("no\n");
	lwsl_parser("%d\n", n);
	lwsl_header("%d\n", n);
	lwsl_ext("%d\n", n);
	lwsl_client("%d\n", n);
	lwsl_latency("%d\n", n);
	lwsl_hexdump(bytes, sizeof(bytes));
	return bytes[0];
}

int
serving(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	unsigned char text[4] = "abc";
	int n = context != NULL;

#ifndef LWS_NO_SERVER
	n += libwebsockets_serve_http_file(context, wsi, "/f", "text/html");
	n += libwebsockets_serve_http_file(context, wsi, "/f", "text/html",
					   NULL);
	n += libwebsockets_serve_http_file(context, wsi, "/f", "text/html",
					   "a: b\015\012", 6);
#endif
	n += libwebsocket_write(wsi, text, 3, LWS_WRITE_HTTP);
	n += libwebsocket_write_http(wsi, text, 3);
	return n;
}

void
asking(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	char name[8], rip[8];
	int fd = libwebsocket_get_socket_fd(wsi);

	libwebsockets_get_peer_addresses(context, wsi, fd, name, sizeof(name),
					 rip, (int)sizeof(rip));
	libwebsockets_get_peer_addresses(fd, name, sizeof(name), rip,
					 (int)sizeof(rip));
}

int
pointing(struct lws_context_creation_info *info)
{
	writer write = &libwebsocket_write;
	creator create = libwebsocket_create_context;
#ifndef LWS_NO_SERVER
	server serve = &libwebsockets_serve_http_file;
#else
	server serve = NULL;
#endif
	leveller set_level = lws_set_log_level;
	struct holder holder = { NULL, NULL };
	a_callback callback = holder.callback;

	set_level(LLL_ERR, NULL);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	if (callback)
		return callback(1) + holder.callback(2);
	return write(NULL, NULL, 0, LWS_WRITE_HTTP) +
	       serve(NULL, NULL, "", "", NULL, 0) + !create(info);
}

struct libwebsocket_context *
creating(struct libwebsocket_protocols *protocols)
{
	struct lws_context_creation_info info[2];
	int which = protocols->protocol_index;

	info[which].port = CONTEXT_PORT_NO_LISTEN;
	info[which].protocols = protocols;
	if (which)
		return libwebsocket_create_context(&info[which]);
	return libwebsocket_create_context(CONTEXT_PORT_NO_LISTEN, NULL,
					   protocols, NULL, NULL, NULL, NULL,
					   -1, -1, 0, NULL);
}

#if __STDC_VERSION__ >= 199901L && !defined(__cplusplus)
struct libwebsocket_context *literal(struct libwebsocket_protocols *protocols);

/* commas between braces count as arguments and must do no harm */
struct libwebsocket_context *
literal(struct libwebsocket_protocols *protocols)
{
	return libwebsocket_create_context(&(struct lws_context_creation_info){
		.port = 7681, .protocols = protocols, .gid = -1, .uid = -1 });
}
#endif

#ifdef WRONG
int mistake(struct libwebsocket_context *context, struct libwebsocket *wsi);

int
mistake(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	char text[8];

#if WRONG == 1
	context = libwebsocket_create_context(7681, "lo");
#elif WRONG == 2 && defined(LWS_NO_SERVER)
	return no_server_to_be_wrong_about;
#elif WRONG == 2
	return libwebsockets_serve_http_file(context, wsi, "/f");
#elif WRONG == 3
	libwebsockets_get_peer_addresses(context, wsi, 3, text, 8, text);
#elif WRONG == 4
	libwebsocket_create_context("lo", 7681, NULL, NULL, NULL, NULL, NULL,
				    -1, -1, 0, NULL);
#endif
	return !text[0] + !wsi + !context;
}
#endif
