/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * test-ping.c - libwebsockets-test-ping: ping, for WebSocket servers.
 *
 * Says hello as the ping of Unix does, with Ping frames, which every server
 * has to answer; or with messages that the mirror of our test server returns.
 * Here are its command line and its context.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "ping.h"

#define PROGRAM "libwebsockets-test-ping"

#define INTERVAL_MAX 86400

static const struct program program = {
	.name = PROGRAM,
	.role = "ping",
	.usage =
	" <server address>\n"
	"       [--port=<p>] [--interval=<s>] [--size=<bytes>] [--flood]\n"
	"       [--mirror] [--replicate=<n>] [--protocol=<name>] [--ssl]\n"
	"       [--version=<n>] [--killmask] [-d <log bitfield>]\n"
	"\n"
	"The address is a name or digits, name:port, or ws://name:port/path.\n"
	"^C ends it and prints the statistics.  Options and their values may\n"
	"be written -s 100, -s100, -s=100 and --size=100.  Nothing is ever\n"
	"compressed: what travels has the size that was asked for.\n"
	"\n"
	"  -p, --port=<p>        port of the server (7681; of a ws:// 80)\n"
	"  -i, --interval=<s>    seconds between pings, as 0.01 (1);\n"
	"                        0: as fast as they are answered\n"
	"  -s, --size=<bytes>    of payload, from 8 to 125 (64);\n"
	"                        with --mirror up to 4096\n"
	"  -f, --flood           a dot for each ping, taken back by its\n"
	"                        answer\n"
	"  -m, --mirror          send messages that a mirror or echo returns,\n"
	"                        instead of pings\n"
	"  -r, --replicate=<n>   over so many connections, up to 256 (1)\n"
	"  -n, --protocol=<name> subprotocol to ask for, '' for none\n"
	"                        (lws-mirror-protocol, or none if the server\n"
	"                        refuses that)\n"
	"  -t, --ssl             use TLS, also with a self-signed certificate\n"
	"  -v, --version=<n>     WebSocket version: 13, 8, 7, 6, 5, 4, 76\n"
	"  -k, --killmask        send with a mask that changes nothing\n"
	"  -d, --debug=<bits>    log: 1 errors, 2 warnings, 4 notices,\n"
	"                        8 info, 16 debug, ... added up (3)\n"
	"  -h, --help            print this and end\n"
	"  -V, --version         print the version and end\n"
	"\n"
	"The exit status is 1 when nothing came back.\n",
};

enum { OPTION_VERSION = 256 };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", optional_argument, NULL, OPTION_VERSION },
	{ "debug", required_argument, NULL, 'd' },
	{ "port", required_argument, NULL, 'p' },
	{ "ssl", no_argument, NULL, 't' },
	{ "interval", required_argument, NULL, 'i' },
	{ "size", required_argument, NULL, 's' },
	{ "protocol", required_argument, NULL, 'n' },
	{ "flood", no_argument, NULL, 'f' },
	{ "mirror", no_argument, NULL, 'm' },
	{ "replicate", required_argument, NULL, 'r' },
	{ "killmask", no_argument, NULL, 'k' },
	{ NULL, 0, NULL, 0 }
};

static struct ping_settings settings = {
	.protocol = "lws-mirror-protocol",
	.interval_us = 1000000,
	.version = -1,
};

/* as given: what they may be is known when all options are */
static int debug = LLL_ERR | LLL_WARN;
static int size = 64;
static int links = 1;

/* the last is the terminator */
static struct libwebsocket_protocols protocols[] = {
	{ .callback = ping_callback, .rx_buffer_size = MIRROR_SIZE_MAX },
	{ .name = NULL }
};

/* ---- the command line ---- */

static bool
take_interval(const char *text)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(text, &end);
	if (end == text || *end || errno || !(seconds >= 0) ||
	    seconds > INTERVAL_MAX) {
		fprintf(stderr, "interval '%s' is not a number of seconds "
			"from 0 to %d\n", text, INTERVAL_MAX);
		return false;
	}
	settings.interval_us = (long long)(seconds * 1e6 + 0.5);
	return true;
}

/* Take one option with a value: true when that is good. */
static bool
take_value(int letter)
{
	/* "-s=100" has been written like that for ever */
	const char *value = optarg[0] == '=' ? optarg + 1 : optarg;

	switch (letter) {
	case 'v':
		return parse_ws_version(value, &settings.version);
	case 'd':
		return parse_int("log level", value, 0, 0xffff, &debug);
	case 'p':
		return parse_int("port", value, 1, 65535, &settings.port);
	case 'i':
		return take_interval(value);
	case 's':
		return parse_int("size", value, 0, INT32_MAX, &size);
	case 'r':
		return parse_int("number of connections", value, 1, INT32_MAX,
				 &links);
	default:
		settings.protocol = value[0] ? value : NULL;
		settings.protocol_given = true;
		return true;
	}
}

/* Take one option: -1, or the status to end the program with. */
static int
take_option(int letter, int argc, char **argv)
{
	switch (letter) {
	case 'h':
		return program_help(&program);
	case 'V':
		return program_version(&program);
	case OPTION_VERSION:
		return program_version_option(&program, argc, argv,
					      &settings.version);
	case 't':
		settings.tls = true;
		return -1;
	case 'f':
		settings.flood = true;
		return -1;
	case 'm':
		settings.mirror = true;
		return -1;
	case 'k':
		settings.killmask = true;
		return -1;
	case '?':
		return program_misuse(&program);
	default:
		return take_value(letter) ? -1 : program_misuse(&program);
	}
}

/* Limits of the protocol and of ours: -1, or the status to end with. */
static int
check_limits(void)
{
	int most = settings.mirror ? MIRROR_SIZE_MAX : PING_SIZE_MAX;

	if (size < PING_SIZE_MIN)
		fprintf(stderr, "Min payload size %d\n", PING_SIZE_MIN);
	else if (size > most)
		fprintf(stderr, "Max %s payload size %d\n",
			settings.mirror ? "mirror" : "ping opcode", most);
	else if (links > LINKS_MAX)
		fprintf(stderr, "Max clients supported = %d\n", LINKS_MAX);
	else
		return -1;
	return 1;
}

/* What the options mean together: -1, or the status to end with. */
static int
settle(void)
{
	if (settings.target.port)
		settings.port = settings.target.port;
	if (!settings.port)
		settings.port = settings.target.scheme_port;
	if (!settings.port)
		settings.port = DEFAULT_PORT;
	settings.tls |= settings.target.tls;
	if (settings.tls && !built_with_tls()) {
		fprintf(stderr, PROGRAM ": --ssl: this build has no TLS\n");
		return 1;
	}
	if (!settings.version && !settings.mirror) {
		fprintf(stderr, "WebSocket version 76 has no pings: "
			"sending to the mirror, as --mirror does\n");
		settings.mirror = true;
	}
	settings.size = (size_t)size;
	settings.links = links;
	return check_limits();
}

static int
parse(int argc, char **argv)
{
	int letter, status = -1;

	while (status < 0 &&
	       (letter = getopt_long(argc, argv, "hVv:d:p:ti:s:n:fmr:k",
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
	if (!ping_target_parse(argv[optind], &settings.target))
		return program_misuse(&program);
	return settle();
}

int
main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;
	int status = parse(argc, argv);

	if (status >= 0)
		return status;
	lws_set_log_level(debug, NULL);

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	protocols[0].name = settings.protocol ? settings.protocol : "ping";
	info.protocols = protocols;
	info.gid = -1;
	info.uid = -1;
	raise_descriptor_limit();
	stop_on_signals();
	context = libwebsocket_create_context(&info);
	if (!context) {
		fprintf(stderr, "Creating libwebsocket context failed\n");
		return 1;
	}
	stop_wakes(context);
	status = ping_run(context, &settings);
	stop_wakes(NULL);
	libwebsocket_context_destroy(context);
	return status;
}
