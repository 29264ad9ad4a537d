/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file profile_fixture.h
 * Campaigns for tests, written into a folder of their own.
 */
#ifndef SLICEWISE_PROFILE_PROFILE_FIXTURE_H
#define SLICEWISE_PROFILE_PROFILE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "profile/experiment.h"

static struct sw_error err;
static char folder[64];

/** "FOLDER/name"; the folder is made when it is first asked for. */
static inline const char *path_of(const char *name)
{
	static char path[256];

	if (!*folder) {
		(void)snprintf(folder, sizeof(folder), "/tmp/slicewise-profile-XXXXXX");
		CHECK(mkdtemp(folder));
	}
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline enum sw_status load_campaign(const char *text, sw_campaign **campaign)
{
	sw_catalog *catalog = NULL;
	char path[256];
	enum sw_status st;

	(void)snprintf(path, sizeof(path), "%s", path_of("campaign.yaml"));
	err.message[0] = '\0';
	CHECK_INT(sw_file_write(path, text, strlen(text), &err), SW_OK);
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	st = sw_campaign_load(catalog, path, campaign, &err);
	sw_catalog_free(catalog);
	(void)unlink(path);
	return st;
}

/** The campaign of a text that is right. */
static inline sw_campaign *campaign_of(const char *text)
{
	sw_campaign *campaign = NULL;

	if (!CHECK(load_campaign(text, &campaign) == SW_OK))
		printf("    %s\n", err.message);
	return campaign;
}

/** One experiment of it: its mix is the caller's. `fit` may be NULL. */
static inline enum sw_status make_experiment(const sw_campaign *c, const sw_fit *fit,
					     const struct sw__pick *picks, size_t n,
					     struct sw_experiment *e)
{
	struct sw__workbench bench;
	enum sw_status st = sw__workbench_open(c, fit, &bench, &err);

	if (st == SW_OK)
		st = sw__experiment_make(&bench, picks, n, e, &err);
	sw__workbench_close(&bench);
	return st;
}

#endif
