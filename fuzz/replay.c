/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * replay.c - runs a fuzzer's function on files: what make check does with the
 * corpus, and how a crash is looked at without the fuzzer.
 *
 *	http_replay [file or directory]...
 *
 * Without arguments it takes CORPUS, a directory below the sources.  Each
 * input is in memory of just its size.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static unsigned long files;

static int
give_up(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return 1;
}

/* All of @f, in a buffer that has grown to its size. */
static uint8_t *
slurp(FILE *f, size_t *len)
{
	uint8_t *bytes = malloc(1), *more;
	uint8_t part[4096];
	size_t n;

	*len = 0;
	while (bytes && (n = fread(part, 1, sizeof(part), f))) {
		more = realloc(bytes, *len + n);
		if (!more) {
			free(bytes);
			return NULL;
		}
		bytes = more;
		memcpy(bytes + *len, part, n);
		*len += n;
	}
	return bytes;
}

static int
run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes;
	size_t len;

	if (!f)
		return give_up(path);
	bytes = slurp(f, &len);
	fclose(f);
	if (!bytes)
		return give_up(path);
	LLVMFuzzerTestOneInput(bytes, len);
	free(bytes);
	files++;
	return 0;
}

/* The files of a directory, or the file itself. */
static int
run(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[4096];
	int bad = 0;

	if (!dir)
		return errno == ENOTDIR ? run_file(path) : give_up(path);
	while (!bad && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		bad = run_file(name);
	}
	closedir(dir);
	return bad;
}

static int
run_corpus(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", srcdir ? srcdir : ".", CORPUS);
	return run(path);
}

int
main(int argc, char **argv)
{
	int n, bad = argc < 2 ? run_corpus() : 0;

	for (n = 1; !bad && n < argc; n++)
		bad = run(argv[n]);
	if (bad)
		return 1;
	printf("%lu inputs replayed\n", files);
	return files == 0;
}
