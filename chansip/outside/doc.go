// Package outside knows by which address we are seen from the other side of our own NAT: as sip.conf says (externaddr), as DNS
// says (externhost) or as a STUN server says (stunaddr), and who is told which of our addresses.
//
// As in the original all of that counts for those who are not in localnet, and for nobody where there is no localnet: without
// it nobody could tell who is on which side, and a phone beside the server would be sent round by the router. IPv6 needs none
// of it: an address is only given to those of its own kind.
//
// What says who we are is written here as well: Via, Contact, the URI in From, tags and Call-IDs, and what we can do.
package outside
