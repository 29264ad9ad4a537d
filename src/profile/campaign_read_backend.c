// SPDX-License-Identifier: Apache-2.0
/* Where a campaign's experiments run, and what is read beside them. */
#include <limits.h>
#include <string.h>

#include "profile/campaign_read.h"

#define SECONDS_MAX 1e6
#define CORES_MAX   1e5
#define WORLD_MAX   4294967295.0
#define CPU_MAX     1023 /* of cpu_set_t */

#define NUMBER(structure, member, least_open, least, most, unit_)                               \
	{                                                                                       \
		.key = #member, .type = SW_FIELD_NUMBER, .offset = offsetof(structure, member), \
		.min = least, .max = most, .min_open = least_open, .unit = unit_                \
	}
#define FLAG(structure, member)                                                              \
	{                                                                                    \
		.key = #member, .type = SW_FIELD_BOOL, .offset = offsetof(structure, member) \
	}
#define CALL(structure, member, reader)                                                       \
	{                                                                                     \
		.key = #member, .type = SW_FIELD_CALL, .offset = offsetof(structure, member), \
		.read = reader                                                                \
	}

enum sw_status sw__read_simulator(const struct sw_node *node, void *into, void *source,
				  struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "world",
		 .type = SW_FIELD_UINT,
		 .offset = offsetof(struct sw__simulator, world),
		 .max = WORLD_MAX},
		NUMBER(struct sw__simulator, host_cores, true, 0, CORES_MAX, "host cores"),
	};

	return sw_node_read(node, fields, SW__FIELDS(fields), false, into, source, NULL, err);
}

enum sw_status sw__read_endpoints(const struct sw_node *node, void *into, void *source,
				  struct sw_error *err)
{
	static const struct sw_field fields[] = {
		FLAG(struct sw__endpoints, chat),
		CALL(struct sw__endpoints, api_key, sw__read_text),
		NUMBER(struct sw__endpoints, timeout_s, true, 0, SECONDS_MAX, "seconds"),
	};

	return sw_node_read(node, fields, SW__FIELDS(fields), false, into, source, NULL, err);
}

static enum sw_status read_path(const struct sw_node *node, void *into, void *source,
				struct sw_error *err)
{
	if (node->kind != SW_NODE_STRING || node->text[0] != '/')
		return sw_node_refuse(node, err, "a path on the engine's port, such as /health");
	return sw__read_text(node, into, source, err);
}

static enum sw_status read_cpus(const struct sw_node *node, void *into, void *source,
				struct sw_error *err)
{
	static const struct sw_field field = {
		.type = SW_FIELD_UINT, .max = CPU_MAX, .unit = "the number of a CPU"};
	struct sw__processes *p = into;
	enum sw_status st = sw_node_check_list(node, SW__CPUS_MAX, "CPU", err);

	for (p->n_cpus = 0; st == SW_OK && p->n_cpus < node->count; p->n_cpus++)
		st = sw_node_read_field(node->children[p->n_cpus], &field, &p->cpu[p->n_cpus],
					source, err);
	return st;
}

enum sw_status sw__read_processes(const struct sw_node *node, void *into, void *source,
				  struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "command",
		 .type = SW_FIELD_CALL,
		 .offset = offsetof(struct sw__processes, command),
		 .read = sw__read_words,
		 .required = true},
		CALL(struct sw__processes, environment, sw__read_pairs),
		CALL(struct sw__processes, ready, read_path),
		NUMBER(struct sw__processes, ready_s, true, 0, SECONDS_MAX, "seconds"),
		NUMBER(struct sw__processes, stop_s, true, 0, SECONDS_MAX, "seconds"),
		FLAG(struct sw__processes, cpu_quota),
		FLAG(struct sw__processes, restart),
		{.key = "cpus", .type = SW_FIELD_CALL, .read = read_cpus},
		NUMBER(struct sw__processes, others_most, true, 0, 1, "part of the CPUs"),
	};
	struct sw__processes *p = into;
	enum sw_status st =
		sw_node_read(node, fields, SW__FIELDS(fields), false, p, source, NULL, err);

	if (st == SW_OK && !p->ready && !(p->ready = strdup("/health")))
		return sw_fail(err, SW_NO_MEMORY, "processes: out of memory");
	return st;
}

enum sw_status sw__read_replay(const struct sw_node *node, void *into, void *source,
			       struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "command",
		 .type = SW_FIELD_CALL,
		 .offset = offsetof(struct sw__replay, command),
		 .read = sw__read_words,
		 .required = true},
		CALL(struct sw__replay, environment, sw__read_pairs),
		FLAG(struct sw__replay, one_process),
		NUMBER(struct sw__replay, lead_s, true, 0, SECONDS_MAX, "seconds"),
	};

	return sw_node_read(node, fields, SW__FIELDS(fields), false, into, source, NULL, err);
}

/* true, false, or which device. */
static enum sw_status read_nvml(const struct sw_node *node, void *into, void *source,
				struct sw_error *err)
{
	struct sw__metrics *m = into;

	if (node->kind == SW_NODE_BOOL) {
		m->nvml = m->nvml_required = node->number != 0;
		return SW_OK;
	}
	if (node->kind != SW_NODE_STRING && node->kind != SW_NODE_NUMBER)
		return sw_node_refuse(node, err, "true, false, or a device: an index or a UUID");
	m->nvml = m->nvml_required = true;
	return sw__read_text(node, &m->nvml_device, source, err);
}

enum sw_status sw__read_metrics(const struct sw_node *node, void *into, void *source,
				struct sw_error *err)
{
	static const struct sw_field fields[] = {
		CALL(struct sw__metrics, hami, sw__read_text),
		CALL(struct sw__metrics, dcgm, sw__read_text),
		FLAG(struct sw__metrics, engines),
		{.key = "nvml", .type = SW_FIELD_CALL, .read = read_nvml},
		NUMBER(struct sw__metrics, interval_s, false, 0.05, 3600, "seconds"),
	};

	return sw_node_read(node, fields, SW__FIELDS(fields), false, into, source, NULL, err);
}
