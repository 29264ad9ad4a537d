/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file campaign.h
 * A campaign file as it was read, inside src/profile.
 */
#ifndef SLICEWISE_PROFILE_CAMPAIGN_H
#define SLICEWISE_PROFILE_CAMPAIGN_H

#include "slicewise/profile.h"

/* More models make more sets than a campaign can run; engines at once in an experiment are four at most. */
enum { SW__MODELS_MAX = 32, SW__LEVELS_MAX = 64, SW__TOGETHER_MAX = 4, SW__CPUS_MAX = 64 };

/** NAME=value: environment variables, words of a model for templates. */
struct sw__pair {
	char *name, *value; /* value NULL: not set */
};

struct sw__pairs {
	size_t n;
	struct sw__pair *pair;
};

/** The words of a command. */
struct sw__words {
	size_t n;
	char **word;
};

/** One of the models, as every experiment with it has it. */
struct sw__campaign_model {
	char name[SW_NAME_MAX]; /* of the tenant */
	struct sw_model model;
	char *model_text; /* as a mix file names it: an id, or an absolute path */
	struct sw_engine engine; /* what was given; each experiment resolves it on its slice */
	struct sw_length prompt_tokens, output_tokens;
	double share, memory_gib; /* NAN: the design's affair */
	char *url; /* of its endpoint; NULL */
	char *served_name; /* what its endpoint calls the model; NULL: whatever it serves */
	unsigned token_ids[2]; /* first and last, of prompts as token ids; last 0: words */
	struct sw__pairs variables;
	int line; /* in the file */
};

/** How levels of load are meant. */
enum sw__load_kind { SW__CONCURRENCY, SW__RATE, SW__PART_OF_RATE };

struct sw__load_levels {
	enum sw__load_kind kind;
	size_t n;
	double level
		[SW__LEVELS_MAX]; /* requests in flight, requests per second, parts of what is sustained */
};

/** Every model by itself. n_shares 0: not at all. */
struct sw__alone {
	size_t n_shares;
	double share[SW__LEVELS_MAX];
	bool crossed; /* every share with every level of load; else each share has one of them, by turns */
	struct sw__load_levels loads;
};

enum sw__shares { SW__SHARES_EVEN, SW__SHARES_RANDOM, SW__SHARES_FIXED };

/** Sets of models. */
struct sw__together {
	unsigned sets[SW__TOGETHER_MAX + 1]; /* of 2, 3, 4 models; UINT_MAX: all there are */
	enum sw__shares shares;
	double share; /* of each, where fixed */
	struct sw__load_levels loads;
};

/** How long a run is measured. */
struct sw__duration {
	double requests; /* of the slowest engine, as predicted */
	double least_s, most_s; /* whatever that comes to */
	double warm_up_s;
};

/** What each backend is told. */
struct sw__simulator {
	unsigned world; /* sw_simulate_settings */
	double host_cores;
};

struct sw__endpoints {
	bool chat;
	char *api_key;
	double timeout_s; /* of a request */
};

struct sw__processes {
	struct sw__words command;
	struct sw__pairs environment;
	char *ready; /* path that answers 200 once the engine serves */
	double ready_s; /* it may take until then */
	double stop_s; /* it may take to end before it is killed */
	bool cpu_quota; /* hold each engine to its share of a core */
	size_t n_cpus;
	unsigned cpu[SW__CPUS_MAX]; /* on which engines run; none: anywhere */
	double others_most; /* part of these CPUs that others may take from engines during a run */
	bool restart; /* before every repeat, not only before every experiment */
};

struct sw__replay {
	struct sw__words command; /* the program and what goes before the options of a run */
	struct sw__pairs environment;
	bool one_process; /* all engines in one: SMs are parted by green contexts */
	double lead_s; /* that processes need until they can begin together */
};

struct sw__metrics {
	char *hami, *dcgm; /* URLs; NULL */
	bool engines; /* read each engine's /metrics */
	bool nvml, nvml_required;
	char *nvml_device;
	double interval_s;
};

struct sw_campaign {
	char name[SW_NAME_MAX];
	char *path;
	char *conditions; /* sw__conditions_text() of all that bears on what a run measures */
	struct sw_gpu gpu; /* of a host: its name, everything else not known */
	enum sw_mechanism mechanism;
	size_t n_models;
	struct sw__campaign_model *models;
	double prefix_hit_ratio, burstiness;
	struct sw__alone alone;
	struct sw__together together;
	unsigned repeats;
	unsigned seed;
	unsigned budget_runs; /* 0: everything is run */
	unsigned budget_runs_per_model;
	struct sw__duration duration;
	enum sw_source source;
	struct sw__simulator simulator;
	struct sw__endpoints endpoints;
	struct sw__processes processes;
	struct sw__replay replay;
	struct sw__metrics metrics;
};

/** Whether mixes of this campaign can be predicted and simulated: a GPU, not a host. */
bool sw__campaign_predictable(const sw_campaign *campaign);

void sw__pairs_free(struct sw__pairs *pairs);
void sw__words_free(struct sw__words *words);

#endif
