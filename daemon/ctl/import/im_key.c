/* SPDX-License-Identifier: ISC */

/*
 * im_key.c: the one table of keywords.  A row says who knows it, how much it
 * tells about the flavour of a file, what becomes of it, which values are
 * harmless, and what is said otherwise.  Rows with an id are looked at by
 * code as well.
 */

#include <ctype.h>
#include <strings.h>

#include "im_int.h"

#define CONN	0, 0
#define SIDED	1, 0
#define SETUP	0, 1

#define RA	"remote access"
#define RATEXT	"is for single users who dial in (remote access); s2sd joins " \
		"networks"
#define RB	"route based"
#define RBHAND	"which is not carried over: add interface and route by hand " \
		"(s2sd.conf(5))"
#define RBTEXT	"makes a tunnel device, " RBHAND ", or write the networks " \
		"into leftsubnet= and rightsubnet= instead"
#define LOG	"logging: see s2sctl log, and set log verbose in s2sd.conf(5)"
#define TUNING	"has no counterpart in s2sd; not needed"

static const struct im_key keys[] = {
/* name			where	who	weight	id	action	harmless
	kind	text */

/* --- config setup --- */
{ "protostack",		SETUP,	OW | LS, 3,	0, A_NOTE,
	"auto,netkey,native,xfrm,bsd,kame,bsdkame,none",
	NULL, "the devices ipsec0 ... of this kernel stack are gone; rules that "
	"name them must change" },
{ "nat_traversal",	SETUP,	OW,	4,	0, A_NOTE, "yes,y,true,on,1",
	NULL, "a NAT on the way is found and passed all the same" },
{ "nat-traversal",	SETUP,	LS,	2,	0, A_NOTE, "yes,y,true,on,1",
	NULL, "a NAT on the way is found and passed all the same" },
{ "virtual_private",	SETUP,	OW | LS, 4,	K_VIRTUAL, A_MAP, NULL, NULL, NULL },
{ "virtual-private",	SETUP,	LS,	4,	K_VIRTUAL, A_MAP, NULL, NULL, NULL },
{ "oe",			SETUP,	OW,	4,	0, A_WARN,
	"no,off,n,false,0", NULL, "opportunistic encryption is not done: only "
	"the tunnels below exist" },
{ "interfaces",		SETUP,	OW | LS, 2,	0, A_NOTE,
	"%defaultroute,%none", NULL, "s2sd listens on all addresses; for one: "
	"set listen on ADDRESS" },
{ "uniqueids",		SETUP,	ALL,	0,	0, A_NOTE,
	"yes,y,replace,no,never,on,off,1,0,true,false",
	NULL, "a new IKE SA of a known peer always replaces its old one" },
{ "listen",		SETUP,	LS,	1,	K_LISTEN, A_MAP, NULL, NULL, NULL },
{ "keep_alive",		SETUP,	OW | SS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "keep-alive",		SETUP,	LS,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "force_keepalive",	SETUP,	OW | SS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "nhelpers",		SETUP,	OW | LS, 2,	0, A_SILENT, NULL, NULL, NULL },
{ "plutodebug",		SETUP,	OW | LS, 1,	0, A_NOTE, "none,,\"\"", NULL, LOG },
{ "klipsdebug",		SETUP,	OW,	1,	0, A_NOTE, "none,,\"\"", NULL, LOG },
{ "charondebug",	SETUP,	SS,	5,	0, A_NOTE, "", NULL, LOG },
{ "plutostderrlog",	SETUP,	OW | LS, 2,	0, A_NOTE, "", NULL, LOG },
{ "plutostderrlogtime",	SETUP,	OW | LS, 2,	0, A_NOTE, "", NULL, LOG },
{ "logfile",		SETUP,	LS,	3,	0, A_NOTE, "", NULL, LOG },
{ "logtime",		SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "logappend",		SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "logip",		SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "audit-log",		SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "syslog",		SETUP,	LS,	1,	0, A_NOTE, "", NULL, LOG },
{ "dumpdir",		SETUP,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "plutowait",		SETUP,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "pluto",		SETUP,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "plutoopts",		SETUP,	OW | LS, 1,	0, A_WARN, "", NULL,
	"options of the old daemon are not carried over" },
{ "prepluto",		SETUP,	OW | LS, 1,	0, A_WARN, "", NULL,
	"this command is not run by s2sd: start it otherwise" },
{ "postpluto",		SETUP,	OW | LS, 1,	0, A_WARN, "", NULL,
	"this command is not run by s2sd: start it otherwise" },
{ "plutorestartoncrash", SETUP,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "plutofork",		SETUP,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "statsbin",		SETUP,	LS,	2,	0, A_WARN, "", NULL,
	"this command is not run by s2sd" },
{ "rundir",		SETUP,	LS,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "ipsecdir",		SETUP,	LS,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "nssdir",		SETUP,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "secretsfile",	SETUP,	LS,	2,	K_SECRETSFILE, A_MAP, NULL, NULL, NULL },
{ "seedbits",		SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "seeddev",		SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "strictcrlpolicy",	SETUP,	ALL,	0,	0, A_NOTE, "no,n,off", NULL,
	"certificates are not built into s2sd yet" },
{ "crl-strict",		SETUP,	LS,	2,	0, A_NOTE, "no,n,off", NULL,
	"certificates are not built into s2sd yet" },
{ "crlcheckinterval",	SETUP,	ALL,	0,	0, A_SILENT, NULL, NULL, NULL },
{ "cachecrls",		SETUP,	SS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "nocrsend",		SETUP,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "ikev1-policy",	SETUP,	LS,	4,	K_IKEV1POLICY, A_MAP, NULL, NULL, NULL },
{ "myid",		SETUP,	OW | LS, 1,	0, A_WARN, "", NULL,
	"%myid is not known to s2sd: write the identity into leftid=" },
{ "listen-tcp",		SETUP,	LS,	3,	0, A_WARN, "no,n,off", NULL,
	"IKE and ESP in TCP are not built into s2sd" },
{ "listen-udp",		SETUP,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "fragicmp",		SETUP,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "hidetos",		SETUP,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "overridemtu",	SETUP,	OW | LS, 1,	0, A_NOTE, "", NULL,
	"write mtu into the tunnels, where it is needed" },
{ "disable_port_floating", SETUP, OW,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "rp_filter",		SETUP,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "forwardcontrol",	SETUP,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "packetdefault",	SETUP,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "shuntlifetime",	SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "xfrmlifetime",	SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "secctx-attr-type",	SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "drop-oppo-null",	SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "max-halfopen-ike",	SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "dnssec-enable",	SETUP,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },

/* --- conn: what makes a tunnel --- */
{ "",			SIDED,	ALL,	0,	K_HOST, A_MAP, NULL, NULL, NULL },
{ "subnet",		SIDED,	ALL,	0,	K_SUBNET, A_MAP, NULL, NULL, NULL },
{ "subnets",		SIDED,	OW | LS, 3,	K_SUBNETS, A_MAP, NULL, NULL, NULL },
{ "subnetwithin",	SIDED,	OW | SS, 0,	K_SUBNET, A_MAP, NULL, NULL, NULL },
{ "sourceip",		SIDED,	ALL,	0,	K_SOURCEIP, A_MAP, NULL, NULL, NULL },
{ "nexthop",		SIDED,	ALL,	1,	K_NEXTHOP, A_SILENT, NULL, NULL, NULL },
{ "id",			SIDED,	ALL,	0,	K_ID, A_MAP, NULL, NULL, NULL },
{ "cert",		SIDED,	ALL,	0,	K_CERT, A_MAP, NULL, NULL, NULL },
{ "auth",		SIDED,	LS | SS, 4,	K_AUTH, A_MAP, NULL, NULL, NULL },
{ "protoport",		SIDED,	ALL,	0,	K_PROTOPORT, A_MAP, NULL, NULL, NULL },
{ "also",		CONN,	ALL,	0,	K_ALSO, A_MAP, NULL, NULL, NULL },
{ "alsoflip",		CONN,	OW | LS, 2,	K_ALSOFLIP, A_MAP, NULL, NULL, NULL },
{ "auto",		CONN,	ALL,	0,	K_AUTO, A_MAP, NULL, NULL, NULL },
{ "type",		CONN,	ALL,	0,	K_TYPE, A_MAP, NULL, NULL, NULL },
{ "authby",		CONN,	ALL,	0,	K_AUTHBY, A_MAP, NULL, NULL, NULL },
{ "ike",		CONN,	ALL,	0,	K_IKE, A_MAP, NULL, NULL, NULL },
{ "esp",		CONN,	ALL,	0,	K_ESP, A_MAP, NULL, NULL, NULL },
{ "phase2alg",		CONN,	OW | LS, 4,	K_ESP, A_MAP, NULL, NULL, NULL },
{ "ah",			CONN,	ALL,	0,	K_AH, A_MAP, NULL, NULL, NULL },
{ "phase2",		CONN,	OW | LS, 3,	K_PHASE2, A_MAP, NULL, NULL, NULL },
{ "keyexchange",	CONN,	ALL,	0,	K_KEYEXCHANGE, A_MAP, NULL, NULL, NULL },
{ "ikev2",		CONN,	OW | LS, 3,	K_IKEV2, A_MAP, NULL, NULL, NULL },
{ "pfs",		CONN,	OW | LS, 2,	K_PFS, A_MAP, NULL, NULL, NULL },
{ "pfsgroup",		CONN,	OW | SS, 1,	K_PFSGROUP, A_MAP, NULL, NULL, NULL },
{ "aggrmode",		CONN,	OW | LS, 4,	K_AGGR, A_MAP, NULL, NULL, NULL },
{ "aggressive",		CONN,	LS | SS, 2,	K_AGGR, A_MAP, NULL, NULL, NULL },
{ "ikelifetime",	CONN,	ALL,	0,	K_IKELIFE, A_MAP, NULL, NULL, NULL },
{ "lifetime",		CONN,	ALL,	0,	K_LIFE, A_MAP, NULL, NULL, NULL },
{ "keylife",		CONN,	ALL,	0,	K_LIFE, A_MAP, NULL, NULL, NULL },
{ "salifetime",		CONN,	OW | LS, 3,	K_LIFE, A_MAP, NULL, NULL, NULL },
{ "ipsec-lifetime",	CONN,	LS,	3,	K_LIFE, A_MAP, NULL, NULL, NULL },
{ "lifebytes",		CONN,	SS,	2,	K_LIFEBYTES, A_MAP, NULL, NULL, NULL },
{ "ipsec-max-bytes",	CONN,	LS,	3,	K_LIFEBYTES, A_MAP, NULL, NULL, NULL },
{ "lifepackets",	CONN,	SS,	2,	0, A_NOTE, "0", NULL,
	"s2sd counts octets and seconds, not packets" },
{ "ipsec-max-packets",	CONN,	LS,	3,	0, A_NOTE, "0", NULL,
	"s2sd counts octets and seconds, not packets" },
{ "dpddelay",		CONN,	ALL,	0,	K_DPDDELAY, A_MAP, NULL, NULL, NULL },
{ "dpdtimeout",		CONN,	ALL,	0,	K_DPDTIMEOUT, A_SILENT, NULL, NULL, NULL },
{ "ikev1-dpdtimeout",	CONN,	LS,	3,	K_DPDTIMEOUT, A_SILENT, NULL, NULL, NULL },
{ "dpdaction",		CONN,	ALL,	0,	K_DPDACTION, A_MAP, NULL, NULL, NULL },
{ "rekey",		CONN,	ALL,	0,	K_REKEY, A_NOTE,
	"yes,y,true,on,1", NULL, "s2sd renews keys in time, whoever began" },
{ "reauth",		CONN,	LS | SS, 4,	K_REAUTH, A_NOTE, "no,n,off,0", NULL,
	"s2sd renews the keys of the IKE SA; it never ends it for that" },
{ "forceencaps",	CONN,	ALL,	0,	K_ENCAPS, A_MAP, NULL, NULL, NULL },
{ "encapsulation",	CONN,	LS,	4,	K_ENCAPS, A_MAP, NULL, NULL, NULL },
{ "mark",		CONN,	LS | SS, 2,	K_MARK, A_MAP, NULL, NULL, NULL },
{ "mark_in",		CONN,	SS,	3,	K_MARK, A_MAP, NULL, NULL, NULL },
{ "mark_out",		CONN,	SS,	3,	K_MARK, A_MAP, NULL, NULL, NULL },
{ "mark-in",		CONN,	LS,	3,	K_MARK, A_MAP, NULL, NULL, NULL },
{ "mark-out",		CONN,	LS,	3,	K_MARK, A_MAP, NULL, NULL, NULL },
{ "updown",		SIDED,	ALL,	0,	K_UPDOWN, A_MAP, NULL, NULL, NULL },
{ "keyingtries",	CONN,	ALL,	0,	K_KEYINGTRIES, A_MAP, NULL, NULL, NULL },
{ "replay-window",	CONN,	LS,	3,	K_REPLAY, A_MAP, NULL, NULL, NULL },
{ "replay_window",	CONN,	SS,	3,	K_REPLAY, A_MAP, NULL, NULL, NULL },
{ "mtu",		CONN,	LS,	2,	K_MTU, A_NOTE, "", NULL,
	"was that of the route; s2sd sets it to what fits" },
{ "installpolicy",	CONN,	SS,	3,	K_INSTALLPOLICY, A_REFUSE,
	"yes,y,true,on,1", RB, "installpolicy=no leaves the routing to a tunnel "
	"device, " RBHAND },
{ "failureshunt",	CONN,	OW | LS, 2,	K_FAILURESHUNT, A_MAP, NULL, NULL, NULL },
{ "negotiationshunt",	CONN,	LS,	3,	0, A_WARN, "drop,hold,none", NULL,
	"s2sd sends nothing in the clear while the tunnel is built" },
{ "firewall",		SIDED,	OW | SS, 2,	K_FIREWALL, A_NOTE, "no,n,off", NULL,
	"where your forward chain drops, accept the networks of the tunnel "
	"there: s2sd leaves the filter alone" },
{ "hostaccess",		SIDED,	SS,	3,	K_FIREWALL, A_NOTE, "no,n,off", NULL,
	"where your input chain drops, accept the network of the tunnel there: "
	"s2sd leaves the filter alone" },
{ "narrowing",		CONN,	LS,	3,	K_NARROWING, A_SILENT, NULL, NULL, NULL },
{ "allowany",		SIDED,	SS,	3,	K_ALLOWANY, A_WARN, "no,n,off", NULL,
	"s2sd takes the peer from its address only; write peer any and dstid, "
	"if the address changes" },
{ "compress",		CONN,	ALL,	0,	K_COMPRESS, A_NOTE, "no,n,off", NULL,
	"s2sd does not compress; the other end may offer it" },
{ "mobike",		CONN,	LS | SS, 3,	K_MOBIKE, A_NOTE, "no,n,off", NULL,
	"addresses of an IKE SA that is up do not change in s2sd" },

/* --- conn: needs no word --- */
{ "rekeymargin",	CONN,	ALL,	0,	0, A_SILENT, NULL, NULL, NULL },
{ "margintime",		CONN,	LS | SS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "marginbytes",	CONN,	SS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "marginpackets",	CONN,	SS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "rekeyfuzz",		CONN,	ALL,	0,	0, A_SILENT, NULL, NULL, NULL },
{ "retransmit-timeout",	CONN,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "retransmit-interval", CONN,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "fragmentation",	CONN,	LS | SS, 3,	0, A_SILENT, NULL, NULL, NULL },
{ "ike_frag",		CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "ike-frag",		CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "closeaction",	CONN,	SS,	4,	0, A_SILENT, NULL, NULL, NULL },
{ "sendcert",		SIDED,	ALL,	0,	0, A_SILENT, NULL, NULL, NULL },
{ "rsasigkey",		SIDED,	ALL,	1,	K_RSAKEY, A_SILENT, NULL, NULL, NULL },
{ "rsasigkey2",		SIDED,	ALL,	0,	K_RSAKEY, A_SILENT, NULL, NULL, NULL },
{ "pubkey",		SIDED,	LS,	2,	K_RSAKEY, A_SILENT, NULL, NULL, NULL },
{ "ecdsakey",		SIDED,	LS,	2,	K_RSAKEY, A_SILENT, NULL, NULL, NULL },
{ "sigkey",		SIDED,	SS,	2,	K_RSAKEY, A_SILENT, NULL, NULL, NULL },
{ "ckaid",		SIDED,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "ca",			SIDED,	ALL,	0,	0, A_SILENT, NULL, NULL, NULL },
{ "ca2",		SIDED,	SS,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "modecfgserver",	SIDED,	OW | LS, 1,	0, A_REFUSE, "no,n,off", RA,
	RATEXT },
{ "modecfgclient",	SIDED,	OW | LS, 1,	0, A_REFUSE, "no,n,off", RA,
	RATEXT },
{ "remote_peer_type",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "remote-peer-type",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "nm_configured",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "overlapip",		CONN,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "sareftrack",		CONN,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "initial-contact",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "initial_contact",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "nat-keepalive",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "nat_keepalive",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "nat-ikev1-method",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "send-vendorid",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "fake-strongswan",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "ikepad",		CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "ms-dh-downgrade",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "dns-match-id",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "connaddrfamily",	CONN,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "clientaddrfamily",	CONN,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "hostaddrfamily",	CONN,	LS,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "endaddrfamily",	CONN,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "tunneladdrfamily",	CONN,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "connalias",		CONN,	LS,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "send-redirect",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "accept-redirect",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "sendca",		CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "intermediate",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "session-resumption",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "priority",		CONN,	LS,	1,	0, A_NOTE, "", NULL, TUNING },
{ "metric",		CONN,	LS,	1,	0, A_NOTE, "", NULL, TUNING },
{ "tfc",		CONN,	LS | SS, 1,	0, A_NOTE, "0,", NULL, TUNING },
{ "nflog-group",	CONN,	LS,	2,	0, A_NOTE, "", NULL, TUNING },
{ "nic-offload",	CONN,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "hw_offload",		CONN,	SS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "esn",		CONN,	LS,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "decap-dscp",		CONN,	LS,	2,	0, A_NOTE, "no", NULL, TUNING },
{ "encap-dscp",		CONN,	LS,	2,	0, A_NOTE, "yes", NULL, TUNING },
{ "nopmtudisc",		CONN,	LS,	2,	0, A_NOTE, "no", NULL, TUNING },
{ "ikedscp",		CONN,	SS,	2,	0, A_NOTE, "000000", NULL, TUNING },
{ "reqid",		CONN,	LS | SS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "inactivity",		CONN,	SS,	2,	0, A_NOTE, "0", NULL,
	"a tunnel that is idle stays up" },
{ "loopback",		CONN,	OW | LS, 1,	0, A_SILENT, NULL, NULL, NULL },
{ "disablearrivalcheck", CONN,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "forwardcontrol",	CONN,	OW,	1,	0, A_SILENT, NULL, NULL, NULL },
{ "ikeport",		SIDED,	LS | SS, 1,	0, A_REFUSE, "500,4500",
	"not built yet", "another port than 500 is not built into s2sd yet" },
{ "certpolicy",		SIDED,	SS,	2,	0, A_SILENT, NULL, NULL, NULL },
{ "groundhog",		SIDED,	LS,	2,	0, A_SILENT, NULL, NULL, NULL },

/* --- conn: not a site-to-site tunnel, or not one of ours --- */
{ "auth2",		SIDED,	SS,	4,	0, A_REFUSE, "", RA, RATEXT },
{ "id2",		SIDED,	SS,	4,	0, A_REFUSE, "", RA, RATEXT },
{ "cert2",		SIDED,	SS,	4,	0, A_REFUSE, "", RA, RATEXT },
{ "groups",		SIDED,	SS,	2,	0, A_REFUSE, "", RA, RATEXT },
{ "groups2",		SIDED,	SS,	2,	0, A_REFUSE, "", RA, RATEXT },
{ "eap_identity",	CONN,	SS,	5,	0, A_REFUSE, "", RA, RATEXT },
{ "aaa_identity",	CONN,	SS,	4,	0, A_REFUSE, "", RA, RATEXT },
{ "xauth",		CONN,	SS,	2,	0, A_REFUSE, "", RA, RATEXT },
{ "xauth_identity",	CONN,	SS,	4,	0, A_REFUSE, "", RA, RATEXT },
{ "xauthserver",	SIDED,	OW | LS, 2,	0, A_REFUSE, "no,n,off", RA,
	RATEXT },
{ "xauthclient",	SIDED,	OW | LS, 2,	0, A_REFUSE, "no,n,off", RA,
	RATEXT },
{ "xauthusername",	SIDED,	OW | LS, 2,	0, A_REFUSE, "", RA, RATEXT },
{ "username",		SIDED,	LS,	2,	0, A_REFUSE, "", RA, RATEXT },
{ "xauthby",		CONN,	LS,	3,	0, A_REFUSE, "", RA, RATEXT },
{ "xauthfail",		CONN,	LS,	3,	0, A_REFUSE, "hard", RA, RATEXT },
{ "modecfgpull",	CONN,	OW | LS, 1,	0, A_REFUSE, "no,n,off", RA,
	RATEXT },
{ "modeconfig",		CONN,	SS,	2,	0, A_REFUSE, "push,pull", RA,
	RATEXT },
{ "modecfgdns",		CONN,	OW | LS, 2,	0, A_REFUSE, "", RA, RATEXT },
{ "modecfgdns1",	CONN,	OW | LS, 2,	0, A_REFUSE, "", RA, RATEXT },
{ "modecfgdns2",	CONN,	OW | LS, 2,	0, A_REFUSE, "", RA, RATEXT },
{ "modecfgwins1",	CONN,	OW,	2,	0, A_REFUSE, "", RA, RATEXT },
{ "modecfgwins2",	CONN,	OW,	2,	0, A_REFUSE, "", RA, RATEXT },
{ "modecfgdomains",	CONN,	LS,	2,	0, A_REFUSE, "", RA, RATEXT },
{ "modecfgbanner",	CONN,	LS,	2,	0, A_REFUSE, "", RA, RATEXT },
{ "dns",		SIDED,	SS,	5,	0, A_REFUSE, "", RA, RATEXT },
{ "addresspool",	SIDED,	LS,	4,	0, A_REFUSE, "", RA, RATEXT },
{ "autheap",		SIDED,	LS,	3,	0, A_REFUSE, "none", RA, RATEXT },
{ "pam-authorize",	CONN,	LS,	3,	0, A_REFUSE, "no", RA, RATEXT },
{ "share-lease",	CONN,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "cisco-unity",	CONN,	LS,	3,	0, A_REFUSE, "no,n,off", RA,
	RATEXT },
{ "cisco-split",	CONN,	LS,	3,	0, A_REFUSE, "no,n,off", RA,
	RATEXT },
{ "ignore-peer-dns",	CONN,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "cat",		SIDED,	LS,	3,	0, A_REFUSE, "no,n,off", RA,
	RATEXT },
{ "vti",		SIDED,	LS,	4,	0, A_REFUSE, "", RB, RBTEXT },
{ "interface-ip",	SIDED,	LS,	4,	K_IFIP, A_MAP, NULL, NULL, NULL },
{ "vti-interface",	CONN,	LS,	4,	0, A_REFUSE, "", RB, RBTEXT },
{ "vti-routing",	CONN,	LS,	4,	0, A_SILENT, NULL, NULL, NULL },
{ "vti-shared",		CONN,	LS,	4,	0, A_SILENT, NULL, NULL, NULL },
{ "ipsec-interface",	CONN,	LS,	4,	K_IPSECIF, A_MAP, NULL, NULL, NULL },
{ "if_id_in",		CONN,	SS,	3,	K_IFIDIN, A_MAP, NULL, NULL, NULL },
{ "if_id_out",		CONN,	SS,	3,	K_IFIDOUT, A_MAP, NULL, NULL, NULL },
{ "enable-tcp",		CONN,	LS,	3,	0, A_WARN, "no,n,off", NULL,
	"IKE and ESP in TCP are not built into s2sd; the tunnel uses UDP" },
{ "tcp-remoteport",	CONN,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "tcp-remote-port",	CONN,	LS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "iptfs",		CONN,	LS,	3,	0, A_WARN, "no,n,off", NULL,
	"IP-TFS is not built into s2sd" },
{ "ppk",		CONN,	LS,	3,	0, A_REFUSE, "no,never,permit,propose,yes",
	"not built yet", "a post-quantum key that must be used is not built "
	"into s2sd" },
{ "ppk-ids",		CONN,	LS,	3,	0, A_NOTE, "", NULL,
	"post-quantum keys are not built into s2sd" },
{ "mediation",		CONN,	SS,	3,	0, A_REFUSE, "no", "not built yet",
	"mediation is not built into s2sd" },
{ "mediated_by",	CONN,	SS,	3,	0, A_REFUSE, "", "not built yet",
	"mediation is not built into s2sd" },
{ "me_peerid",		CONN,	SS,	3,	0, A_SILENT, NULL, NULL, NULL },
{ "sha2_truncbug",	CONN,	OW | LS, 2,	0, A_REFUSE, "no,n,off",
	"not built yet", "SHA-2 cut to 96 bits, the error of an old Linux, is "
	"not built into s2sd; use sha1 at both ends, or mend the peer" },
{ "sha2-truncbug",	CONN,	LS,	2,	0, A_REFUSE, "no,n,off",
	"not built yet", "SHA-2 cut to 96 bits, the error of an old Linux, is "
	"not built into s2sd; use sha1 at both ends, or mend the peer" },
{ "sha256_96",		CONN,	SS,	2,	0, A_REFUSE, "no,n,off",
	"not built yet", "SHA-2 cut to 96 bits, the error of an old Linux, is "
	"not built into s2sd; use sha1 at both ends, or mend the peer" },
{ "require-id-on-certificate", CONN, LS, 3,	0, A_REFUSE, "yes,y,on,1",
	"security", "with this any certificate of your CA can pass for the "
	"peer" },
{ "sec-label",		CONN,	LS,	3,	0, A_REFUSE, "", "not built yet",
	"labelled IPsec is not built into s2sd" },
{ "policy_label",	CONN,	OW | LS, 3,	0, A_REFUSE, "", "not built yet",
	"labelled IPsec is not built into s2sd" },
{ "labeled_ipsec",	CONN,	OW | LS, 3,	0, A_REFUSE, "no,n,off",
	"not built yet", "labelled IPsec is not built into s2sd" },
{ "spi",		CONN,	OW,	3,	0, A_REFUSE, "", "security",
	"keys that are written down are never renewed: manual keying was given "
	"up everywhere" },
{ "spibase",		CONN,	OW,	3,	0, A_REFUSE, "", "security",
	"keys that are written down are never renewed: manual keying was given "
	"up everywhere" },
{ "espenckey",		SIDED,	OW,	3,	0, A_REFUSE, "", "security",
	"keys that are written down are never renewed: manual keying was given "
	"up everywhere" },
{ "espauthkey",		SIDED,	OW,	3,	0, A_REFUSE, "", "security",
	"keys that are written down are never renewed: manual keying was given "
	"up everywhere" },
};

/* Case, and - for _, do not tell words apart (libreswan 5). */
static int
same(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if (tolower((unsigned char)*a) != *b)
			return (0);
	return (*a == *b);
}

static const struct im_key *
row(const char *word, int setup, int sided)
{
	size_t	 i;

	for (i = 0; i < nitems(keys); i++)
		if (keys[i].setup == setup && keys[i].sided == sided &&
		    same(word, keys[i].name))
			return (&keys[i]);
	return (NULL);
}

const struct im_key *
im_key(const char *word, int setup, enum im_side *side)
{
	const struct im_key	*k;
	const char		*p = NULL;

	*side = SIDE_NONE;
	if ((k = row(word, setup, 0)) != NULL || setup)
		return (k);
	if (strncasecmp(word, "left", 4) == 0)
		p = word + 4;
	else if (strncasecmp(word, "right", 5) == 0) {
		p = word + 5;
		*side = SIDE_RIGHT;
	}
	if (p == NULL)
		return (NULL);
	if (*p == '-' && p[1] != '\0')	/* left-subnet, libreswan 5 */
		p++;
	return (row(p, 0, 1));
}

static size_t
distance(const char *a, const char *b)
{
	size_t	 r[32], i, j, la, lb, diag, old, best;

	la = strnlen(a, nitems(r) - 1);
	lb = strnlen(b, nitems(r) - 1);
	for (j = 0; j <= lb; j++)
		r[j] = j;
	for (i = 1; i <= la; i++) {
		diag = r[0];
		r[0] = i;
		for (j = 1; j <= lb; j++) {
			old = r[j];
			best = diag + (tolower((unsigned char)a[i - 1]) !=
			    b[j - 1]);
			if (r[j] + 1 < best)
				best = r[j] + 1;
			if (r[j - 1] + 1 < best)
				best = r[j - 1] + 1;
			r[j] = best;
			diag = old;
		}
	}
	return (r[lb]);
}

const char *
im_key_near(const char *word, int setup, char *buf, size_t len)
{
	const char	*base = word, *side = "";
	size_t		 d, i, least = 3;

	buf[0] = '\0';
	if (!setup && strncasecmp(word, "left", 4) == 0) {
		side = "left";
		base = word + 4;
	} else if (!setup && strncasecmp(word, "right", 5) == 0) {
		side = "right";
		base = word + 5;
	}
	for (i = 0; i < nitems(keys); i++) {
		if (keys[i].setup != setup || keys[i].name[0] == '\0' ||
		    keys[i].sided != (side[0] != '\0'))
			continue;
		d = distance(base, keys[i].name);
		if (d < least && d < strlen(base)) {
			least = d;
			(void)snprintf(buf, len, "%s%s", side, keys[i].name);
		}
	}
	return (buf[0] != '\0' ? buf : NULL);
}
