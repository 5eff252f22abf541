/**
 * What operations cost and how long they took: {@link mote.engine.profile.Profile} collects it from
 * any backend.
 */
package mote.engine.profile;
