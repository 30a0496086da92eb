/* SPDX-License-Identifier: ISC */

/* msg.c: the table of messages and the one codec that it drives. */

#include "ipc.h"
#include "msg.h"

#define U8(s, m)	{ MF_U8, offsetof(struct s, m), 1 }
#define U16(s, m)	{ MF_U16, offsetof(struct s, m), 2 }
#define U32(s, m)	{ MF_U32, offsetof(struct s, m), 4 }
#define U64(s, m)	{ MF_U64, offsetof(struct s, m), 8 }
#define OCT(s, m)	{ MF_OCTETS, offsetof(struct s, m), \
			    sizeof(((struct s *)0)->m) }
#define ADDR(s, m)	{ MF_ADDR, offsetof(struct s, m), 19 }
#define KEY(s, m)	{ MF_KEY, offsetof(struct s, m), KEYOCT_MAX }
#define TEXT(s, m)	{ MF_TEXT, offsetof(struct s, m), \
			    sizeof(((struct s *)0)->m) }
#define VIEW(s, m, max)	{ MF_VIEW, offsetof(struct s, m), max }
#define REST(s)		{ MF_REST, offsetof(struct s, rest), IPC_BODY_MAX }

static const struct msg_field f_hello[] = {
	TEXT(m_hello, build), TEXT(m_hello, note) };
static const struct msg_field f_conf[] = { REST(m_conf) };
static const struct msg_field f_text[] = { TEXT(m_text, text) };
static const struct msg_field f_died[] = {
	U8(m_died, proc), U32(m_died, epoch) };
static const struct msg_field f_accuse[] = {
	U8(m_accuse, proc), U32(m_accuse, type), TEXT(m_accuse, why) };
static const struct msg_field f_fd[] = { U8(m_fd, what) };
static const struct msg_field f_log[] = {
	U8(m_log, level), U16(m_log, reason), TEXT(m_log, text) };
static const struct msg_field f_stats[] = { REST(m_stats) };
static const struct msg_field f_cf_end[] = { U32(m_cf_end, ntunnel) };
static const struct msg_field f_cf_secret[] = {
	TEXT(m_cf_secret, name), VIEW(m_cf_secret, psk, 1024) };

static const struct msg_field f_net_dgram[] = {
	ADDR(m_net_dgram, local), ADDR(m_net_dgram, remote),
	U8(m_net_dgram, flags), REST(m_net_dgram) };
static const struct msg_field f_net_spi[] = {
	U64(m_net_spi, spi), U8(m_net_spi, add) };
static const struct msg_field f_net_cookie[] = { U8(m_net_cookie, on) };
static const struct msg_field f_net_error[] = {
	ADDR(m_net_error, remote), U32(m_net_error, err) };

static const struct msg_field f_sa[] = {
	U32(m_sa, child), U32(m_sa, replaces), U32(m_sa, spi_in),
	U32(m_sa, spi_out), U32(m_sa, beside), U16(m_sa, cpu),
	U8(m_sa, esn), U8(m_sa, udp),
	U8(m_sa, transport), U8(m_sa, inactive),
	ADDR(m_sa, local), ADDR(m_sa, remote), U32(m_sa, life),
	U64(m_sa, softbytes), U64(m_sa, hardbytes), VIEW(m_sa, pairs, 5000) };
enum { SA_MAX = 5200, NONCE_MAX = 256 };

static const struct msg_field f_k_start[] = { U16(m_k_start, dh) };
static const struct msg_field f_k_started[] = {
	U32(m_k_started, handle), U8(m_k_started, err),
	VIEW(m_k_started, nonce, NONCE_MAX),
	VIEW(m_k_started, ke, ALG_DHMAX) };
static const struct msg_field f_k_start_r[] = {
	U16(m_k_start_r, dh), U16(m_k_start_r, prf), U16(m_k_start_r, encr),
	U16(m_k_start_r, integ), OCT(m_k_start_r, spi_i),
	OCT(m_k_start_r, spi_r), VIEW(m_k_start_r, ni, NONCE_MAX),
	VIEW(m_k_start_r, kei, ALG_DHMAX) };
static const struct msg_field f_k_started_r[] = {
	U32(m_k_started_r, handle), U8(m_k_started_r, err),
	VIEW(m_k_started_r, nonce, NONCE_MAX),
	VIEW(m_k_started_r, ke, ALG_DHMAX),
	KEY(m_k_started_r, ai), KEY(m_k_started_r, ar),
	KEY(m_k_started_r, ei), KEY(m_k_started_r, er) };
static const struct msg_field f_k_keyed[] = {
	U32(m_k_keyed, handle), U16(m_k_keyed, prf), U16(m_k_keyed, encr),
	U16(m_k_keyed, integ), OCT(m_k_keyed, spi_i), OCT(m_k_keyed, spi_r),
	VIEW(m_k_keyed, init_i, INIT_MAX), VIEW(m_k_keyed, init_r, INIT_MAX) };
static const struct msg_field f_k_keyed_r[] = {
	U32(m_k_keyed_r, handle), U8(m_k_keyed_r, err),
	KEY(m_k_keyed_r, ai), KEY(m_k_keyed_r, ar),
	KEY(m_k_keyed_r, ei), KEY(m_k_keyed_r, er),
	VIEW(m_k_keyed_r, id, IKEID_MAX), U8(m_k_keyed_r, method),
	VIEW(m_k_keyed_r, auth, 64) };
static const struct msg_field f_k_auth[] = {
	U32(m_k_auth, handle), VIEW(m_k_auth, init_i, INIT_MAX),
	VIEW(m_k_auth, init_r, INIT_MAX), VIEW(m_k_auth, id, IKEID_MAX),
	U8(m_k_auth, method), VIEW(m_k_auth, auth, 64),
	VIEW(m_k_auth, further, 2048), U16(m_k_auth, encr),
	U16(m_k_auth, integ), VIEW(m_k_auth, sa, SA_MAX) };
static const struct msg_field f_k_auth_r[] = {
	U32(m_k_auth_r, handle), U8(m_k_auth_r, err),
	VIEW(m_k_auth_r, id, IKEID_MAX), U8(m_k_auth_r, method),
	VIEW(m_k_auth_r, auth, 64) };
static const struct msg_field f_k_cstart[] = {
	U32(m_k_cstart, handle), U16(m_k_cstart, dh) };
static const struct msg_field f_k_cstarted[] = {
	U32(m_k_cstarted, handle), U32(m_k_cstarted, chandle),
	U8(m_k_cstarted, err), VIEW(m_k_cstarted, nonce, NONCE_MAX),
	VIEW(m_k_cstarted, ke, ALG_DHMAX) };
static const struct msg_field f_k_child[] = {
	U32(m_k_child, handle), U32(m_k_child, chandle), U16(m_k_child, dh),
	U16(m_k_child, encr), U16(m_k_child, integ),
	VIEW(m_k_child, nonce, NONCE_MAX), VIEW(m_k_child, ke, ALG_DHMAX),
	VIEW(m_k_child, sa, SA_MAX) };
static const struct msg_field f_k_child_r[] = {
	U32(m_k_child_r, handle), U8(m_k_child_r, err),
	VIEW(m_k_child_r, nonce, NONCE_MAX),
	VIEW(m_k_child_r, ke, ALG_DHMAX) };
static const struct msg_field f_k_rekey[] = {
	U32(m_k_rekey, handle), U32(m_k_rekey, newhandle), U16(m_k_rekey, dh),
	U16(m_k_rekey, prf), U16(m_k_rekey, encr), U16(m_k_rekey, integ),
	OCT(m_k_rekey, spi_i), OCT(m_k_rekey, spi_r),
	VIEW(m_k_rekey, nonce, NONCE_MAX), VIEW(m_k_rekey, ke, ALG_DHMAX) };
static const struct msg_field f_k_handle[] = { U32(m_k_handle, handle) };

enum { SAI_MAX = 4096, HASH_MAX = ALG_KEYMAX };
static const struct msg_field f_k1_keyed[] = {
	U32(m_k1_keyed, handle), U16(m_k1_keyed, prf), U16(m_k1_keyed, encr),
	OCT(m_k1_keyed, cky_i), OCT(m_k1_keyed, cky_r),
	VIEW(m_k1_keyed, nonce, NONCE_MAX), VIEW(m_k1_keyed, ke, ALG_DHMAX),
	VIEW(m_k1_keyed, sai, SAI_MAX) };
static const struct msg_field f_k1_keyed_r[] = {
	U32(m_k1_keyed_r, handle), U8(m_k1_keyed_r, err),
	KEY(m_k1_keyed_r, a), KEY(m_k1_keyed_r, e),
	VIEW(m_k1_keyed_r, id, IKEID_MAX), VIEW(m_k1_keyed_r, hash, HASH_MAX) };
static const struct msg_field f_k1_start_r[] = {
	U16(m_k1_start_r, dh), U16(m_k1_start_r, prf),
	U16(m_k1_start_r, encr), OCT(m_k1_start_r, cky_i),
	OCT(m_k1_start_r, cky_r), VIEW(m_k1_start_r, nonce, NONCE_MAX),
	VIEW(m_k1_start_r, ke, ALG_DHMAX), VIEW(m_k1_start_r, sai, SAI_MAX) };
static const struct msg_field f_k1_started_r[] = {
	U32(m_k1_started_r, handle), U8(m_k1_started_r, err),
	VIEW(m_k1_started_r, nonce, NONCE_MAX),
	VIEW(m_k1_started_r, ke, ALG_DHMAX),
	KEY(m_k1_started_r, a), KEY(m_k1_started_r, e) };
static const struct msg_field f_k1_auth[] = {
	U32(m_k1_auth, handle), VIEW(m_k1_auth, id, IKEID_MAX),
	VIEW(m_k1_auth, hash, HASH_MAX) };
static const struct msg_field f_k1_auth_r[] = {
	U32(m_k1_auth_r, handle), U8(m_k1_auth_r, err),
	VIEW(m_k1_auth_r, id, IKEID_MAX), VIEW(m_k1_auth_r, hash, HASH_MAX) };
static const struct msg_field f_k1_child[] = {
	U32(m_k1_child, handle), U32(m_k1_child, chandle),
	U16(m_k1_child, dh), U16(m_k1_child, encr), U16(m_k1_child, integ),
	U8(m_k1_child, proto), U32(m_k1_child, spi_in),
	U32(m_k1_child, spi_out), VIEW(m_k1_child, nonce, NONCE_MAX),
	VIEW(m_k1_child, ke, ALG_DHMAX), VIEW(m_k1_child, sa, SA_MAX) };

static const struct msg_field f_s_pair[] = {
	U16(m_s_pair, encr), U16(m_s_pair, integ), KEY(m_s_pair, ein),
	KEY(m_s_pair, ain), KEY(m_s_pair, eout), KEY(m_s_pair, aout),
	VIEW(m_s_pair, sa, SA_MAX) };
static const struct msg_field f_s_done[] = {
	U32(m_s_done, child), U32(m_s_done, spi_in), U8(m_s_done, err),
	U16(m_s_done, mtu) };
static const struct msg_field f_s_delete[] = {
	U32(m_s_delete, child), U32(m_s_delete, spi_in) };
static const struct msg_field f_s_move[] = {
	U32(m_s_move, child), ADDR(m_s_move, local), ADDR(m_s_move, remote) };
static const struct msg_field f_s_counters[] = { REST(m_s_counters) };
static const struct msg_field f_s_acquire[] = {
	ADDR(m_s_acquire, src), ADDR(m_s_acquire, dst),
	U8(m_s_acquire, ipproto) };
static const struct msg_field f_s_expire[] = {
	U32(m_s_expire, child), U8(m_s_expire, hard) };
static const struct msg_field f_s_caps[] = {
	TEXT(m_s_caps, name), U8(m_s_caps, udp_only), U8(m_s_caps, esn),
	U8(m_s_caps, transport), U32(m_s_caps, replay_max),
	U16(m_s_caps, cpus),
	TEXT(m_s_caps, why) };

static const struct msg_field f_e_pair[] = {
	U32(m_e_pair, child), U32(m_e_pair, spi_in), U32(m_e_pair, spi_out),
	U32(m_e_pair, replay), U16(m_e_pair, encr), U16(m_e_pair, integ),
	U16(m_e_pair, mtu), U8(m_e_pair, esn), U8(m_e_pair, inactive),
	U32(m_e_pair, replaces), U64(m_e_pair, softbytes),
	U64(m_e_pair, hardbytes), ADDR(m_e_pair, local),
	ADDR(m_e_pair, remote), KEY(m_e_pair, ein), KEY(m_e_pair, ain),
	KEY(m_e_pair, eout), KEY(m_e_pair, aout), VIEW(m_e_pair, pairs, 5000) };
static const struct msg_field f_e_done[] = {
	U32(m_e_done, child), U8(m_e_done, err) };
static const struct msg_field f_e_listed[] = {
	U16(m_e_listed, part), REST(m_e_listed) };
static const struct msg_field f_e_list_end[] = { U16(m_e_list_end, parts) };

static const struct msg_field f_h_updown[] = {
	U32(m_h_updown, child), U16(m_h_updown, mtu),
	ADDR(m_h_updown, local), ADDR(m_h_updown, remote),
	VIEW(m_h_updown, pairs, 5000) };
static const struct msg_field f_x_run[] = { U8(m_x_run, what), REST(m_x_run) };
static const struct msg_field f_x_done[] = {
	U32(m_x_done, err), TEXT(m_x_done, text) };

static const struct msg_field f_c_state[] = {
	U8(m_c_state, state), U16(m_c_state, reason),
	U8(m_c_state, of_child), U16(m_c_state, after), U64(m_c_state, since),
	U16(m_c_state, next), U64(m_c_state, silent),
	U32(m_c_state, tries), U64(m_c_state, retry_at),
	ADDR(m_c_state, local), ADDR(m_c_state, peer),
	U8(m_c_state, initiator), U8(m_c_state, nat_here),
	U8(m_c_state, nat_there), U16(m_c_state, encr), U16(m_c_state, prf),
	U16(m_c_state, integ), U16(m_c_state, dh),
	U64(m_c_state, established), U64(m_c_state, rekey_at),
	U64(m_c_state, spi_i), U64(m_c_state, spi_r), U32(m_c_state, rtt_ms),
	U32(m_c_state, retransmits), TEXT(m_c_state, vendor),
	TEXT(m_c_state, detail) };
static const struct msg_field f_c_child[] = {
	U32(m_c_child, child), U8(m_c_child, up), U8(m_c_child, esn),
	U8(m_c_child, udp), U16(m_c_child, encr), U16(m_c_child, integ),
	U16(m_c_child, dh), U16(m_c_child, mtu), U32(m_c_child, spi_in),
	U32(m_c_child, spi_out), U16(m_c_child, cpu),
	U64(m_c_child, established),
	U64(m_c_child, rekey_at), U64(m_c_child, expires_at),
	VIEW(m_c_child, pairs, 5000) };
static const struct msg_field f_c_rekey[] = { U8(m_c_rekey, what) };
static const struct msg_field f_c_done[] = {
	U8(m_c_done, err), TEXT(m_c_done, text) };
static const struct msg_field f_c_proc[] = {
	U8(m_c_proc, proc), U8(m_c_proc, up), U8(m_c_proc, lacks),
	U32(m_c_proc, pid),
	U32(m_c_proc, restarts), U64(m_c_proc, since) };
static const struct msg_field f_c_file[] = { TEXT(m_c_file, path) };

#define ROLES	(PB(PROC_NET) | PB(PROC_IKE) | PB(PROC_KEYS) | PB(PROC_SAD) | \
		    PB(PROC_ESP) | PB(PROC_HOST) | PB(PROC_EXEC) | PB(PROC_CTL))
#define LOGGERS	((ROLES | PB(PROC_PARENT)) & ~PB(PROC_CTL))
#define M(type, from, to, s, f) \
	{ type, #type, from, to, sizeof(struct s), f, nitems(f) }
#define M0(type, from, to)	{ type, #type, from, to, 0, NULL, 0 }
#define PAR	PB(PROC_PARENT)
#define CON	PB(PROC_CONF)
#define NET	PB(PROC_NET)
#define IKE	PB(PROC_IKE)
#define KEYS	PB(PROC_KEYS)
#define SAD	PB(PROC_SAD)
#define ESP	PB(PROC_ESP)
#define HOST	PB(PROC_HOST)
#define EXE	PB(PROC_EXEC)
#define CTL	PB(PROC_CTL)

static const struct msg_desc descs[] = {
	M(M_HELLO, ROLES, PAR, m_hello, f_hello),
	M0(M_GO, PAR, ROLES),
	M(M_CONF_BEGIN, PAR, ROLES, m_conf, f_conf),
	M(M_CONF_TUNNEL, PAR, ROLES, m_conf, f_conf),
	M0(M_CONF_END, PAR, ROLES),
	M0(M_CONF_READY, ROLES, PAR),
	M(M_CONF_REFUSED, ROLES, PAR, m_text, f_text),
	M0(M_CONF_NEW, PAR, ROLES),
	M0(M_CONF_GONE, PAR, ROLES),
	M0(M_CONF_DONE, ROLES, PAR),
	M0(M_CONF_ABORT, PAR, ROLES),
	M(M_DIED, PAR, ROLES, m_died, f_died),
	M(M_ACCUSE, ROLES, PAR, m_accuse, f_accuse),
	M(M_FD, PAR | CTL, ROLES | PAR, m_fd, f_fd),
	M(M_LOG, LOGGERS, CTL, m_log, f_log),
	M0(M_STATS_Q, CTL, LOGGERS),
	M(M_STATS, LOGGERS, CTL, m_stats, f_stats),

	M(M_CF_GLOBAL, CON, PAR, m_conf, f_conf),
	M(M_CF_TUNNEL, CON, PAR, m_conf, f_conf),
	M(M_CF_ERROR, CON, PAR, m_text, f_text),
	M(M_CF_WARN, CON, PAR, m_text, f_text),
	M(M_CF_END, CON, PAR, m_cf_end, f_cf_end),
	M(M_CF_SECRET, CON, KEYS, m_cf_secret, f_cf_secret),
	M0(M_CF_SECRET_END, CON, KEYS),
	M0(M_CF_SECRET_PART, CON, KEYS),
	M0(M_K_SECRETS, KEYS, PAR),

	M(M_NET_RECV, NET, IKE, m_net_dgram, f_net_dgram),
	M(M_NET_SEND, IKE, NET, m_net_dgram, f_net_dgram),
	M(M_NET_SPI, IKE, NET, m_net_spi, f_net_spi),
	M(M_NET_COOKIE, IKE, NET, m_net_cookie, f_net_cookie),
	M(M_NET_ERROR, NET, IKE, m_net_error, f_net_error),
	M(M_EN_IKE, ESP, NET, m_net_dgram, f_net_dgram),

	M(M_K_START, IKE, KEYS, m_k_start, f_k_start),
	M(M_K_STARTED, KEYS, IKE, m_k_started, f_k_started),
	M(M_K_START_R, IKE, KEYS, m_k_start_r, f_k_start_r),
	M(M_K_STARTED_R, KEYS, IKE, m_k_started_r, f_k_started_r),
	M(M_K_KEYED, IKE, KEYS, m_k_keyed, f_k_keyed),
	M(M_K_KEYED_R, KEYS, IKE, m_k_keyed_r, f_k_keyed_r),
	M(M_K_AUTH, IKE, KEYS, m_k_auth, f_k_auth),
	M(M_K_AUTH_R, KEYS, IKE, m_k_auth_r, f_k_auth_r),
	M(M_K_CSTART, IKE, KEYS, m_k_cstart, f_k_cstart),
	M(M_K_CSTARTED, KEYS, IKE, m_k_cstarted, f_k_cstarted),
	M(M_K_CHILD, IKE, KEYS, m_k_child, f_k_child),
	M(M_K_CHILD_R, KEYS, IKE, m_k_child_r, f_k_child_r),
	M(M_K_RSTART, IKE, KEYS, m_k_cstart, f_k_cstart),
	M(M_K_RSTARTED, KEYS, IKE, m_k_started, f_k_started),
	M(M_K_REKEY, IKE, KEYS, m_k_rekey, f_k_rekey),
	M(M_K_REKEYED, KEYS, IKE, m_k_started_r, f_k_started_r),
	M(M_K_CLOSE, IKE, KEYS, m_k_handle, f_k_handle),
	M0(M_K_GONE, KEYS, IKE),
	M(M_K1_KEYED, IKE, KEYS, m_k1_keyed, f_k1_keyed),
	M(M_K1_KEYED_R, KEYS, IKE, m_k1_keyed_r, f_k1_keyed_r),
	M(M_K1_START_R, IKE, KEYS, m_k1_start_r, f_k1_start_r),
	M(M_K1_STARTED_R, KEYS, IKE, m_k1_started_r, f_k1_started_r),
	M(M_K1_AUTH, IKE, KEYS, m_k1_auth, f_k1_auth),
	M(M_K1_AUTH_R, KEYS, IKE, m_k1_auth_r, f_k1_auth_r),
	M(M_K1_CHILD, IKE, KEYS, m_k1_child, f_k1_child),

	M(M_S_PAIR, KEYS, SAD, m_s_pair, f_s_pair),
	M(M_S_DONE, SAD, IKE, m_s_done, f_s_done),
	M(M_S_DELETE, IKE, SAD, m_s_delete, f_s_delete),
	M(M_S_MOVE, IKE, SAD, m_s_move, f_s_move),
	M0(M_S_QUERY, IKE | CTL, SAD),
	M(M_S_COUNTERS, SAD, IKE | CTL, m_s_counters, f_s_counters),
	M(M_S_ACQUIRE, SAD, IKE, m_s_acquire, f_s_acquire),
	M(M_S_EXPIRE, SAD, IKE, m_s_expire, f_s_expire),
	M(M_S_MOVED, SAD, IKE, m_s_move, f_s_move),
	M0(M_S_LOST, SAD, IKE),
	M(M_S_CAPS, SAD, IKE | CTL, m_s_caps, f_s_caps),
	M0(M_S_ORPHAN, SAD, IKE),
	M(M_S_KEEP, IKE, SAD, m_sa, f_sa),
	M0(M_S_KEEP_END, IKE, SAD),

	M(M_E_PAIR, SAD, ESP, m_e_pair, f_e_pair),
	M(M_E_DONE, ESP, SAD, m_e_done, f_e_done),
	M(M_E_DELETE, SAD, ESP, m_s_delete, f_s_delete),
	M(M_E_MOVE, SAD, ESP, m_s_move, f_s_move),
	M0(M_E_QUERY, SAD, ESP),
	M(M_E_COUNTERS, ESP, SAD, m_s_counters, f_s_counters),
	M(M_E_ACQUIRE, ESP, SAD, m_s_acquire, f_s_acquire),
	M(M_E_EXPIRE, ESP, SAD, m_s_expire, f_s_expire),
	M(M_E_MOVED, ESP, SAD, m_s_move, f_s_move),
	M0(M_E_LIST, SAD, ESP),
	M(M_E_LISTED, ESP, SAD, m_e_listed, f_e_listed),
	M(M_E_LIST_END, ESP, SAD, m_e_list_end, f_e_list_end),

	M(M_H_UP, SAD, HOST, m_h_updown, f_h_updown),
	M(M_H_DOWN, SAD, HOST, m_h_updown, f_h_updown),
	M(M_X_RUN, HOST, EXE, m_x_run, f_x_run),
	M(M_X_DONE, EXE, HOST, m_x_done, f_x_done),
	M0(M_H_EXEC, HOST, PAR),

	M(M_C_STATE, IKE, CTL, m_c_state, f_c_state),
	M(M_C_CHILD, IKE, CTL, m_c_child, f_c_child),
	M0(M_C_UP, CTL, IKE),
	M0(M_C_DOWN, CTL, IKE),
	M(M_C_REKEY, CTL, IKE, m_c_rekey, f_c_rekey),
	M0(M_C_RELOAD, CTL, PAR),
	M0(M_C_STOP, CTL, PAR),
	M(M_C_DONE, IKE | PAR, CTL, m_c_done, f_c_done),
	M(M_C_PROC, PAR, CTL, m_c_proc, f_c_proc),
	M(M_C_FILE, PAR, CTL, m_c_file, f_c_file),
};

static const struct msg_desc desc_sa = {
	0, "m_sa", IKE, SAD, sizeof(struct m_sa), f_sa, nitems(f_sa) };

const struct msg_desc *
msg_descs(size_t *n)
{
	*n = nitems(descs);
	return (descs);
}

const struct msg_desc *
msg_desc(uint32_t type)
{
	size_t	 i;

	for (i = 0; i < nitems(descs); i++)
		if (descs[i].type == type)
			return (&descs[i]);
	return (NULL);
}

const struct msg_desc *
msg_desc_sa(void)
{
	return (&desc_sa);
}

void
msg_bounds(const struct msg_desc *d, size_t *min, size_t *max)
{
	const struct msg_field	*f;
	size_t			 i;

	*min = *max = 0;
	for (i = 0; i < d->nf; i++) {
		f = &d->f[i];
		switch (f->kind) {
		case MF_KEY:
		case MF_VIEW:
			*min += 2;
			*max += 2u + f->size;
			break;
		case MF_TEXT:
			*min += 2;
			*max += 2u + f->size - 1;
			break;
		case MF_REST:
			*max = IPC_BODY_MAX;
			break;
		default:
			*min += f->size;
			*max += f->size;
		}
	}
	if (*max > IPC_BODY_MAX)
		*max = IPC_BODY_MAX;
}

static int
number_put(struct wr *w, const struct msg_field *f, const uint8_t *at)
{
	uint64_t	 v64;
	uint32_t	 v32;
	uint16_t	 v16;

	switch (f->kind) {
	case MF_U8:
		wr_u8(w, *at);
		return (0);
	case MF_U16:
		memcpy(&v16, at, sizeof(v16));
		wr_u16(w, v16);
		return (0);
	case MF_U32:
		memcpy(&v32, at, sizeof(v32));
		wr_u32(w, v32);
		return (0);
	case MF_U64:
		memcpy(&v64, at, sizeof(v64));
		wr_u64(w, v64);
		return (0);
	default:
		return (-1);
	}
}

static int
field_put(struct wr *w, const struct msg_field *f, const uint8_t *at)
{
	const struct keyoct	*k = (const void *)at;
	const struct rd		*v = (const void *)at;
	const char		*s = (const void *)at;

	switch (f->kind) {
	case MF_OCTETS:
		wr_put(w, at, f->size);
		return (0);
	case MF_ADDR:
		addr_put(w, (const void *)at);
		return (0);
	case MF_KEY:
		if (k->len > f->size)
			return (-1);
		wr_sub16(w, rd_of(k->d, k->len));
		return (0);
	case MF_TEXT:
		wr_sub16(w, rd_of(s, strnlen(s, f->size - 1u)));
		return (0);
	case MF_VIEW:
		if (v->n > f->size)
			return (-1);
		wr_sub16(w, *v);
		return (0);
	case MF_REST:
		if (v->n > f->size)
			return (-1);
		wr_put(w, v->p, v->n);
		return (0);
	default:
		return (number_put(w, f, at));
	}
}

int
msg_put(const struct msg_desc *d, struct wr *w, const void *body)
{
	const uint8_t	*b = body;
	size_t		 i;

	for (i = 0; i < d->nf; i++)
		if (field_put(w, &d->f[i], b + d->f[i].off) == -1)
			return (-1);
	return (wr_end(w));
}

static int
number_get(struct rd *r, const struct msg_field *f, uint8_t *at)
{
	uint64_t	 v64;
	uint32_t	 v32;
	uint16_t	 v16;

	switch (f->kind) {
	case MF_U8:
		return (rd_u8(r, at));
	case MF_U16:
		if (rd_u16(r, &v16))
			return (-1);
		memcpy(at, &v16, sizeof(v16));
		return (0);
	case MF_U32:
		if (rd_u32(r, &v32))
			return (-1);
		memcpy(at, &v32, sizeof(v32));
		return (0);
	case MF_U64:
		if (rd_u64(r, &v64))
			return (-1);
		memcpy(at, &v64, sizeof(v64));
		return (0);
	default:
		return (-1);
	}
}

static int
field_get(struct rd *r, const struct msg_field *f, uint8_t *at)
{
	struct keyoct	*k = (void *)at;
	struct rd	*v = (void *)at, s;
	char		*text = (void *)at;

	switch (f->kind) {
	case MF_OCTETS:
		return (rd_copy(r, at, f->size));
	case MF_ADDR:
		return (addr_get(r, (void *)at));
	case MF_KEY:
		if (rd_u16(r, &k->len) || k->len > f->size)
			return (-1);
		return (rd_copy(r, k->d, k->len));
	case MF_TEXT:
		if (rd_sub16(r, &s) || s.n >= f->size ||
		    (s.n > 0 && memchr(s.p, '\0', s.n) != NULL))
			return (-1);
		memset(text, 0, f->size);
		return (rd_copy(&s, text, s.n));
	case MF_VIEW:
		return (rd_sub16(r, v) || v->n > f->size ? -1 : 0);
	case MF_REST:
		return (rd_sub(r, r->n, v));
	default:
		return (number_get(r, f, at));
	}
}

int
msg_get(const struct msg_desc *d, struct rd r, void *body)
{
	uint8_t	*b = body;
	size_t	 i;

	if (d->size > 0)
		memset(body, 0, d->size);
	for (i = 0; i < d->nf; i++)
		if (field_get(&r, &d->f[i], b + d->f[i].off) == -1)
			return (-1);
	return (rd_end(&r));
}

void
sa_count_put(struct wr *w, const struct sa_count *c)
{
	wr_u32(w, c->tunnel);
	wr_u32(w, c->child);
	wr_u64(w, c->in_bytes);
	wr_u64(w, c->in_packets);
	wr_u64(w, c->out_bytes);
	wr_u64(w, c->out_packets);
	wr_u64(w, c->in_age);
	wr_u64(w, c->out_age);
	wr_u64(w, c->bad_auth);
	wr_u64(w, c->bad_replay);
	wr_u64(w, c->bad_policy);
}

void
sa_listed_put(struct wr *w, const struct sa_listed *l)
{
	wr_u32(w, l->tunnel);
	wr_u32(w, l->child);
	wr_u32(w, l->spi_in);
	wr_u32(w, l->spi_out);
}

int
sa_listed_get(struct rd *r, struct sa_listed *l)
{
	return (rd_u32(r, &l->tunnel) || rd_u32(r, &l->child) ||
	    rd_u32(r, &l->spi_in) || rd_u32(r, &l->spi_out) ? -1 : 0);
}

int
sa_count_get(struct rd *r, struct sa_count *c)
{
	if (rd_u32(r, &c->tunnel) || rd_u32(r, &c->child) ||
	    rd_u64(r, &c->in_bytes) || rd_u64(r, &c->in_packets) ||
	    rd_u64(r, &c->out_bytes) || rd_u64(r, &c->out_packets) ||
	    rd_u64(r, &c->in_age) || rd_u64(r, &c->out_age) ||
	    rd_u64(r, &c->bad_auth) || rd_u64(r, &c->bad_replay) ||
	    rd_u64(r, &c->bad_policy))
		return (-1);
	return (0);
}
