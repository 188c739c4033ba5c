/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * test-server.c - libwebsockets-test-server: a page, numbers and a mirror.
 *
 * Serves test.html over HTTP, and to it the two WebSocket protocols that make
 * it live.  Compiled a second time with EXTERNAL_POLL it is
 * libwebsockets-test-server-extpoll, the same in a poll loop of its own.
 */
#include "server.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

#ifndef INSTALL_DATADIR
#define INSTALL_DATADIR "/usr/local/share"
#endif

#ifdef EXTERNAL_POLL
#define PROGRAM "libwebsockets-test-server-extpoll"
#else
#define PROGRAM "libwebsockets-test-server"
#endif

#define NUMBER_PERIOD_MS 50
#define MIRROR_CHUNK 4096

bool server_close_testing;

struct libwebsocket_protocols server_protocols[PROTOCOL_END + 1] = {
	[PROTOCOL_HTTP] = {
		.name = "http-only",
		.callback = http_callback,
		.per_session_data_size = sizeof(struct http_session),
	},
	[PROTOCOL_INCREMENT] = {
		.name = "dumb-increment-protocol",
		.callback = increment_callback,
		.per_session_data_size = sizeof(struct increment_session),
		.rx_buffer_size = 10,
	},
	[PROTOCOL_MIRROR] = {
		.name = "lws-mirror-protocol",
		.callback = mirror_callback,
		.per_session_data_size = sizeof(struct mirror_session),
		.rx_buffer_size = MIRROR_CHUNK,
	},
};

static const struct program program = {
	.name = PROGRAM,
	.role = "server",
	.usage =
	"\n"
	"       [--port=<p>] [--ssl] [-d <log bitfield>] "
	"[--resource_path <path>]\n"
	"\n"
	"  -p, --port=<p>              port to listen on (7681; 0: any free)\n"
	"  -i, --interface=<name>      only on this interface or address\n"
	"  -r, --resource_path=<path>  directory of the page and its pictures\n"
	"  -d, --debug=<bits>          log: 1 errors, 2 warnings, 4 notices,\n"
	"                              8 info, 16 debug, ... added up (7)\n"
	"  -s, --ssl                   serve TLS with the test certificate\n"
	"  -a, --allow-non-ssl         take plain connections as well\n"
	"  -k, --killmask              take unmasked frames from clients\n"
	"      --no-compress           accept no compression\n"
	"  -c, --closetest             close after 50 numbers, mirror nothing\n"
	"  -D, --daemonize             go on in the background\n"
	"      --lock=<path>           of it: the lock file "
	"(/tmp/.lwsts-lock)\n"
	"  -e, --libev                 use libev\n"
	"  -h, --help                  print this and end\n"
	"  -V, --version               print the version and end\n",
};

struct options {
	int port;
	int debug;
	unsigned int context_options;
	const char *iface;
	const char *resource_path;
	const char *lock_path;
	int listen_fd;		/* given to us, or 0 */
	bool ssl;
	bool daemonize;
	bool no_compress;
	int status;		/* of the program, if it is to end now */
};

enum { OPTION_NO_COMPRESS = 256, OPTION_LOCK };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "debug", required_argument, NULL, 'd' },
	{ "port", required_argument, NULL, 'p' },
	{ "ssl", no_argument, NULL, 's' },
	{ "allow-non-ssl", no_argument, NULL, 'a' },
	{ "killmask", no_argument, NULL, 'k' },
	{ "interface", required_argument, NULL, 'i' },
	{ "closetest", no_argument, NULL, 'c' },
	{ "daemonize", no_argument, NULL, 'D' },
	{ "resource_path", required_argument, NULL, 'r' },
	{ "libev", no_argument, NULL, 'e' },
	{ "lock", required_argument, NULL, OPTION_LOCK },
	{ "no-compress", no_argument, NULL, OPTION_NO_COMPRESS },
	{ NULL, 0, NULL, 0 }
};

/* ---- the command line ---- */

static bool
take_number(const char *what, int max, struct options *options, int *number)
{
	if (parse_int(what, optarg, 0, max, number))
		return true;
	options->status = program_misuse(&program);
	return false;
}

/* Take one option; false when the program is to end with options->status. */
static bool
take_option(int letter, struct options *options)
{
	switch (letter) {
	case 'h':
		options->status = program_help(&program);
		return false;
	case 'V':
		options->status = program_version(&program);
		return false;
	case 'd':
		return take_number("log level", 0xffff, options,
				   &options->debug);
	case 'p':
		return take_number("port", 65535, options, &options->port);
	case 's':
		options->ssl = true;
		return true;
	case 'a':
		options->context_options |=
			LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT;
		return true;
	case 'k':
		options->context_options |=
			LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK;
		return true;
	case 'i':
		options->iface = optarg;
		return true;
	case 'c':
		server_close_testing = true;
		return true;
	case 'D':
		options->daemonize = true;
		return true;
	case 'r':
		options->resource_path = optarg;
		return true;
	case 'e':
		options->context_options |= LWS_SERVER_OPTION_LIBEV;
		return true;
	case OPTION_LOCK:
		options->lock_path = optarg;
		return true;
	case OPTION_NO_COMPRESS:
		options->no_compress = true;
		return true;
	default:
		options->status = program_misuse(&program);
		return false;
	}
}

/* What was asked for must be in this build. */
static bool
is_possible(const struct options *options)
{
	if (options->ssl && !built_with_tls()) {
		fprintf(stderr, PROGRAM ": --ssl: this build has no TLS\n");
		return false;
	}
	if ((options->context_options & LWS_SERVER_OPTION_LIBEV) &&
	    !built_with_libev()) {
		fprintf(stderr, PROGRAM ": --libev: this build has no libev\n");
		return false;
	}
	if (options->daemonize && !built_with_daemonize()) {
		fprintf(stderr, PROGRAM ": --daemonize: this build cannot go "
			"into the background\n");
		return false;
	}
	return true;
}

static bool
parse(int argc, char **argv, struct options *options)
{
	int letter;

	options->status = 1;
	while ((letter = getopt_long(argc, argv, "hVd:p:sakci:Dr:e",
				     long_options, NULL)) >= 0)
		if (!take_option(letter, options))
			return false;
	if (optind < argc) {
		fprintf(stderr, PROGRAM ": unexpected argument '%s'\n",
			argv[optind]);
		options->status = program_misuse(&program);
		return false;
	}
	return is_possible(options);
}

/* ---- the service ---- */

static struct libwebsocket_context *
open_context(struct options *options)
{
	static char cert[4096], key[4096];
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;

	memset(&info, 0, sizeof(info));
	info.port = options->port;
	info.listen_fd = options->listen_fd;
	info.iface = options->iface;
	info.protocols = server_protocols;
	info.extensions = built_extensions(!options->no_compress);
	info.gid = -1;
	info.uid = -1;
	info.options = options->context_options;
	if (options->ssl) {
		snprintf(cert, sizeof(cert),
			 "%s/libwebsockets-test-server.pem",
			 options->resource_path);
		snprintf(key, sizeof(key),
			 "%s/libwebsockets-test-server.key.pem",
			 options->resource_path);
		info.ssl_cert_filepath = cert;
		info.ssl_private_key_filepath = key;
	}
	context = libwebsocket_create_context(&info);
	options->port = info.port;
	return context;
}

/* an address someone can open; names of interfaces are none */
static void
print_address(const struct options *options)
{
	const char *iface = options->iface;
	const char *host = "localhost";

	if (!options->port) {
		printf("Serving the socket that was given\n");
		fflush(stdout);
		return;
	}
	if (iface && strspn(iface, "0123456789.") == strlen(iface))
		host = iface;
	if (iface && strchr(iface, ':'))
		printf("Open http%s://[%s]:%d/", options->ssl ? "s" : "",
		       iface, options->port);
	else
		printf("Open http%s://%s:%d/", options->ssl ? "s" : "", host,
		       options->port);
	if (iface && host != iface && !strchr(iface, ':'))
		printf(" (only interface %s listens)", iface);
	printf("\n");
	fflush(stdout);
}

static int
serve(struct libwebsocket_context *context)
{
	struct ticker numbers;
	int n = 0;

	ticker_start(&numbers, NUMBER_PERIOD_MS);
	while (n >= 0 && !stopping()) {
		if (ticker_due(&numbers)) {
			libwebsocket_callback_on_writable_all_protocol(
				&server_protocols[PROTOCOL_INCREMENT]);
			mirror_tick();
		}
		n = loop_serve(context, ticker_left(&numbers));
	}
	if (n >= 0)
		n = stop_gently(context, loop_serve);
	return n < 0 ? 1 : 0;
}

/* Everything that is better said or done while there is a terminal. */
static bool
prepare(struct options *options)
{
	static char real[PATH_MAX];

	printf("Using resource path \"%s\"\n", options->resource_path);
	options->resource_path = absolute(options->resource_path, real);
	if (!http_serve_from(options->resource_path))
		lwsl_warn("pages will not be found; see --resource_path\n");
	if (server_close_testing)
		printf("Close testing mode is on: connections are closed "
		       "after 50 numbers, the mirror is silent\n");
	fflush(stdout);
	options->listen_fd = given_socket();
	return !options->daemonize ||
	       !go_background(options->lock_path, "lwsts", options->debug);
}

int
main(int argc, char **argv)
{
	struct options options = {
		.port = DEFAULT_PORT,
		.debug = 7,
		.resource_path = INSTALL_DATADIR "/libwebsockets-test-server",
		.lock_path = "/tmp/.lwsts-lock",
	};
	struct libwebsocket_context *context;
	int status;

	if (!parse(argc, argv, &options))
		return options.status;
	program_banner(&program, stderr);
	lws_set_log_level(options.debug, NULL);
	if (!prepare(&options))
		return 1;

	stop_on_signals();
	context = open_context(&options);
	if (!context) {
		lwsl_err("libwebsocket init failed\n");
		loop_free();
		return -1;
	}
	loop_announce();
	print_address(&options);
	stop_wakes(context);
	tell_manager("READY=1");
	status = serve(context);
	stop_wakes(NULL);
	libwebsocket_context_destroy(context);
	loop_free();
	lwsl_notice("libwebsockets-test-server exited cleanly\n");
	return status;
}
