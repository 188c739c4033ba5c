/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * echo-deflate.c - how test-echo compresses, told by its command line.
 *
 * One option with a list of words, as "level=6,window=12,keep"; each is a
 * member or a flag of struct lws_deflate_options, and what is not in the list
 * stays as the library has it.
 */
#include "echo.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

enum {
	WORD_LEVEL, WORD_MEM, WORD_WINDOW, WORD_PEER_WINDOW, WORD_MIN,
	WORD_KEEP, WORD_RESET, WORD_PEER_RESET, WORD_NO_SHARE
};

static const char *const words[] = {
	[WORD_LEVEL] = "level",
	[WORD_MEM] = "mem",
	[WORD_WINDOW] = "window",
	[WORD_PEER_WINDOW] = "peer-window",
	[WORD_MIN] = "min",
	[WORD_KEEP] = "keep",
	[WORD_RESET] = "reset",
	[WORD_PEER_RESET] = "peer-reset",
	[WORD_NO_SHARE] = "no-share",
};

static bool
take_number(int word, const char *text, int min, int max, int *value)
{
	char what[64];

	snprintf(what, sizeof(what), "--deflate: %s", words[word]);
	return parse_int(what, text ? text : "", min, max, value);
}

static bool
take_flag(int word, const char *text, unsigned int flag,
	  struct lws_deflate_options *deflate)
{
	if (text) {
		fprintf(stderr, "--deflate: %s takes no value\n", words[word]);
		return false;
	}
	deflate->flags |= flag;
	return true;
}

static bool
take_word(int word, const char *text, struct lws_deflate_options *deflate)
{
	int bytes;

	switch (word) {
	case WORD_LEVEL:
		return take_number(word, text, 1, 9, &deflate->level);
	case WORD_MEM:
		return take_number(word, text, 1, 9, &deflate->mem_level);
	case WORD_WINDOW:
		return take_number(word, text, 9, 15, &deflate->window_bits);
	case WORD_PEER_WINDOW:
		return take_number(word, text, 9, 15,
				   &deflate->peer_window_bits);
	case WORD_MIN:
		if (!take_number(word, text, 1, INT_MAX, &bytes))
			return false;
		deflate->min_size = (size_t)bytes;
		return true;
	case WORD_KEEP:
		return take_flag(word, text, LWS_DEFLATE_KEEP, deflate);
	case WORD_RESET:
		return take_flag(word, text, LWS_DEFLATE_RESET, deflate);
	case WORD_PEER_RESET:
		return take_flag(word, text, LWS_DEFLATE_PEER_RESET, deflate);
	default:
		return take_flag(word, text, LWS_DEFLATE_NO_SHARE, deflate);
	}
}

/*
 * Cut the first word off @list: its number, or -1, with what stands behind "="
 * at *@text, or NULL; or the whole word there when it is not known.
 */
static int
next_word(char **list, char **text)
{
	char *word = *list, *value;
	size_t n;

	*list += strcspn(word, ",");
	if (**list)
		*(*list)++ = '\0';
	value = strchr(word, '=');
	*text = value ? value + 1 : NULL;
	for (n = 0; n < ARRAY_SIZE(words); n++) {
		const size_t len = strlen(words[n]);

		if (!strncmp(word, words[n], len) &&
		    (!word[len] || word + len == value))
			return (int)n;
	}
	*text = word;
	return -1;
}

bool
echo_deflate_parse(char *list, struct lws_deflate_options *deflate)
{
	const unsigned int either = LWS_DEFLATE_KEEP | LWS_DEFLATE_RESET;
	char *text;
	int word;

	do {
		word = next_word(&list, &text);
		if (word < 0) {
			fprintf(stderr, "--deflate: no such word '%s'\n",
				text);
			return false;
		}
		if (!take_word(word, text, deflate))
			return false;
	} while (*list);
	if ((deflate->flags & either) == either) {
		fprintf(stderr, "--deflate: keep and reset exclude each "
			"other\n");
		return false;
	}
	return true;
}
