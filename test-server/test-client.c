/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * test-client.c - libwebsockets-test-client: prints numbers, draws circles.
 *
 * One connection prints what dumb-increment-protocol counts; while it lives, a
 * second one draws random circles for everybody on lws-mirror-protocol, ends
 * after a random number of them, and is opened again.
 *
 * A circle goes with each writeable callback, which is asked for again after
 * CIRCLE_MS and not at once: sockets between here and a browser hold hundreds
 * of thousands of circles, which it would go on drawing long after we ended.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

#define PROGRAM "libwebsockets-test-client"

#define CIRCLE_MS 2
#define RETRY_MS 250
#define LONG_LIFE 50000u
#define RX_NUMBER 20
#define RX_MIRROR 128

static const struct program program = {
	.name = PROGRAM,
	.role = "client",
	.usage =
	" <server address>\n"
	"       [--port=<p>] [--ssl] [-d <log bitfield>]\n"
	"\n"
	"  -p, --port=<p>        port of the server (7681)\n"
	"  -s, --ssl             use TLS, also with a self-signed certificate\n"
	"  -v, --version=<n>     WebSocket version: 13, 8, 7, 6, 5, 4, 76\n"
	"  -l, --longlived       send 50000 circles more before reconnecting\n"
	"  -u, --undeflated      deny each extension that compresses as it is\n"
	"                        about to be offered, and say so\n"
	"      --no-compress     have no extension to offer at all\n"
	"  -n, --nomux           deny x-google-mux\n"
	"  -k, --killmask        send with a mask that changes nothing\n"
	"  -d, --debug=<bits>    log: 1 errors, 2 warnings, 4 notices,\n"
	"                        8 info, 16 debug, ... added up (7)\n"
	"  -h, --help            print this and end\n"
	"  -V, --version         print the version and end\n",
};

enum { OPTION_VERSION = 256, OPTION_NO_COMPRESS };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", optional_argument, NULL, OPTION_VERSION },
	{ "debug", required_argument, NULL, 'd' },
	{ "port", required_argument, NULL, 'p' },
	{ "ssl", no_argument, NULL, 's' },
	{ "killmask", no_argument, NULL, 'k' },
	{ "undeflated", no_argument, NULL, 'u' },
	{ "no-compress", no_argument, NULL, OPTION_NO_COMPRESS },
	{ "nomux", no_argument, NULL, 'n' },
	{ "longlived", no_argument, NULL, 'l' },
	{ NULL, 0, NULL, 0 }
};

static struct {
	const char *address;
	int port;
	int debug;		/* -1: as the library has it */
	int version;		/* as the library counts: 0 is 76; -1: newest */
	bool ssl;
	bool killmask;
	bool undeflated;
	bool no_compress;
	bool nomux;
	bool longlived;
} options = { .port = DEFAULT_PORT, .debug = -1, .version = -1 };

static struct {
	struct libwebsocket *numbers;	/* NULL once it is over */
	struct libwebsocket *mirror;	/* NULL while there is none */
	bool mirror_open;
	unsigned int mirror_lifetime;	/* circles it has still to send */
	long long mirror_retry;		/* not to be opened before this time */
	int status;			/* of the program */
} client;

/* ---- the numbers ---- */

/* What is to be offered is asked of the first protocol; nonzero denies it. */
static int
veto_extension(const char *name)
{
	if ((options.undeflated && strstr(name, "deflate")) ||
	    (options.nomux && !strcmp(name, "x-google-mux"))) {
		fprintf(stderr, "denied %s extension\n", name);
		return 1;
	}
	return 0;
}

/* An attempt that failed before it had a protocol: which one was it? */
static void
attempt_failed(struct libwebsocket *wsi)
{
	if (wsi == client.mirror) {
		client.mirror = NULL;
		client.mirror_retry = now_ms() + RETRY_MS;
		return;
	}
	fprintf(stderr, "LWS_CALLBACK_CLIENT_CONNECTION_ERROR\n");
	client.numbers = NULL;
	client.status = 1;
}

static int
numbers_callback(struct libwebsocket_context *context,
		 struct libwebsocket *wsi,
		 enum libwebsocket_callback_reasons reason, void *user,
		 void *in, size_t len)
{
	(void)context;
	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		fprintf(stderr, "callback_dumb_increment: "
			"LWS_CALLBACK_CLIENT_ESTABLISHED\n");
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		attempt_failed(wsi);
		break;
	case LWS_CALLBACK_CLOSED:
		fprintf(stderr, "LWS_CALLBACK_CLOSED\n");
		client.numbers = NULL;
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		fprintf(stderr, "rx %d '%s'\n", (int)len, printable(in));
		break;
	case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
		return veto_extension(in);
	default:
		break;
	}
	return 0;
}

/* ---- the circles ---- */

static int
send_circle(struct libwebsocket *wsi)
{
	unsigned int kind = LWS_WRITE_TEXT;
	char text[64];
	int len;

	len = snprintf(text, sizeof(text), "c #%06X %d %d %d;",
		       (unsigned int)random_below(0x1000000),
		       (int)random_below(500), (int)random_below(250),
		       (int)random_below(24));
	if (options.killmask)
		kind |= LWS_WRITE_CLIENT_IGNORE_XOR_MASK;
	if (libwebsocket_write(wsi, (unsigned char *)text, (size_t)len, kind) <
	    len)
		return -1;
	if (!--client.mirror_lifetime) {
		fprintf(stderr, "closing mirror session\n");
		return -1;
	}
	return 0;
}

static int
mirror_callback(struct libwebsocket_context *context,
		struct libwebsocket *wsi,
		enum libwebsocket_callback_reasons reason, void *user,
		void *in, size_t len)
{
	(void)context;
	(void)user;
	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		fprintf(stderr, "callback_lws_mirror: "
			"LWS_CALLBACK_CLIENT_ESTABLISHED\n");
		client.mirror_open = true;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		attempt_failed(wsi);
		break;
	case LWS_CALLBACK_CLOSED:
		fprintf(stderr,
			"mirror: LWS_CALLBACK_CLOSED mirror_lifetime=%u\n",
			client.mirror_lifetime);
		if (client.mirror_lifetime)	/* not our doing: no haste */
			client.mirror_retry = now_ms() + RETRY_MS;
		client.mirror = NULL;
		client.mirror_open = false;
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return send_circle(wsi);
	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	{ .name = "dumb-increment-protocol", .callback = numbers_callback,
	  .rx_buffer_size = RX_NUMBER },
	{ .name = "lws-mirror-protocol", .callback = mirror_callback,
	  .rx_buffer_size = RX_MIRROR },
	{ .name = NULL }
};

/* ---- connections ---- */

static struct libwebsocket *
connect_for(struct libwebsocket_context *context, const char *protocol)
{
	return libwebsocket_client_connect(context, options.address,
					   options.port, options.ssl ? 2 : 0,
					   "/", options.address,
					   options.address, protocol,
					   options.version);
}

static void
keep_mirror_open(struct libwebsocket_context *context)
{
	if (client.mirror || now_ms() < client.mirror_retry)
		return;
	client.mirror_lifetime = 10 + random_below(1024) +
				 (options.longlived ? LONG_LIFE : 0);
	client.mirror = connect_for(context, protocols[1].name);
	if (!client.mirror) {
		fprintf(stderr, "libwebsocket connect failed\n");
		client.mirror_retry = now_ms() + RETRY_MS;
		return;
	}
	fprintf(stderr, "opened mirror connection with %u lifetime\n",
		client.mirror_lifetime);
}

static int
run(struct libwebsocket_context *context)
{
	struct ticker circles;
	int n = 0;

	client.numbers = connect_for(context, protocols[0].name);
	if (!client.numbers) {
		if (options.version >= 0 && options.version != 13)
			fprintf(stderr, "this library may not speak WebSocket "
				"version %d\n",
				options.version ? options.version : 76);
		fprintf(stderr, "libwebsocket connect failed\n");
		return 1;
	}
	fprintf(stderr, "Waiting for connect...\n");
	ticker_start(&circles, CIRCLE_MS);
	while (n >= 0 && client.numbers && !stopping()) {
		keep_mirror_open(context);
		if (client.mirror_open && ticker_due(&circles))
			libwebsocket_callback_on_writable(context,
							  client.mirror);
		n = libwebsocket_service(context, client.mirror_open ?
					 ticker_left(&circles) : RETRY_MS);
	}
	return client.status;
}

/* ---- the command line ---- */

/* Take one option: -1, or the status to end the program with. */
static int
take_option(int letter, int argc, char **argv)
{
	bool good = true;

	switch (letter) {
	case 'h':
		return program_help(&program);
	case 'V':
		return program_version(&program);
	case OPTION_VERSION:
		return program_version_option(&program, argc, argv,
					      &options.version);
	case 'v':
		good = parse_ws_version(optarg, &options.version);
		break;
	case 'd':
		good = parse_int("log level", optarg, 0, 0xffff,
				 &options.debug);
		break;
	case 'p':
		good = parse_int("port", optarg, 1, 65535, &options.port);
		break;
	case 's':
		options.ssl = true;
		break;
	case 'k':
		options.killmask = true;
		break;
	case 'u':
		options.undeflated = true;
		break;
	case OPTION_NO_COMPRESS:
		options.no_compress = true;
		break;
	case 'n':
		options.nomux = true;
		break;
	case 'l':
		options.longlived = true;
		break;
	default:
		good = false;
	}
	return good ? -1 : program_misuse(&program);
}

static int
parse(int argc, char **argv)
{
	int letter, status = -1;

	while (status < 0 && (letter = getopt_long(argc, argv, "hVv:d:p:skunl",
						   long_options, NULL)) >= 0)
		status = take_option(letter, argc, argv);
	if (status >= 0)
		return status;
	if (optind + 1 != argc) {
		fprintf(stderr, optind < argc ?
			PROGRAM ": one server address, please\n" :
			PROGRAM ": the server address is missing\n");
		return program_misuse(&program);
	}
	options.address = argv[optind];
	if (options.ssl && !built_with_tls()) {
		fprintf(stderr, PROGRAM ": --ssl: this build has no TLS\n");
		return 1;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;
	int status = parse(argc, argv);

	if (status >= 0)
		return status;
	program_banner(&program, stderr);
	if (options.debug >= 0)
		lws_set_log_level(options.debug, NULL);

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.extensions = built_extensions(!options.no_compress);
	info.gid = -1;
	info.uid = -1;
	stop_on_signals();
	context = libwebsocket_create_context(&info);
	if (!context) {
		fprintf(stderr, "Creating libwebsocket context failed\n");
		return 1;
	}
	random_seed(context);
	stop_wakes(context);
	status = run(context);
	say_goodbye(context);
	stop_wakes(NULL);
	fprintf(stderr, "Exiting\n");
	libwebsocket_context_destroy(context);
	return status;
}
