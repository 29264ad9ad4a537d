/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cbc_turn.h
 * One model of CBC at a time: Cbc_solve() keeps its parameters in variables of the whole process, and two threads that solve at once
 * read each other's (one of them then asks standard input for commands).
 */
#ifndef SLICEWISE_PLAN_CBC_TURN_H
#define SLICEWISE_PLAN_CBC_TURN_H

/** Wait until no other thread has a model; then it is this thread's turn until sw__cbc_leave(). Not to be entered twice. */
void sw__cbc_enter(void);
void sw__cbc_leave(void);

#endif
