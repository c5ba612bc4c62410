//! Where an area code is and which clocks its people live by.

use super::area_codes::AREA_CODES;

/// A geographic area code.
///
/// A mobile number moves with its owner, so a zone of its area code is a guess about where a person is
/// (`T-07`): quiet hours that rest on it have to hold in every zone of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct AreaCode {
    pub(super) code: u16,
    pub(super) country: &'static str,
    pub(super) region: &'static str,
    pub(super) zones: &'static [&'static str],
}

impl AreaCode {
    /// IANA names of the time zones of an area code, the one of most people first, or `None` where it belongs
    /// to no place. One name stands for all zones whose clocks agree with it: Detroit goes by `America/New_York`.
    pub fn zones(area: u16) -> Option<&'static [&'static str]> {
        find(area).map(|found| found.zones)
    }

    /// State, territory or province of an area code by its postal code (`"NY"`, `"PR"`, `"ON"`); elsewhere the country
    /// by its ISO code of three letters (`"JAM"`), so that Cayman's is not taken for Kentucky's. Two codes are shared: 902 and 782 are `"NS"` though Prince Edward Island has them too, and 867
    /// is `"YT"` though it serves all three territories.
    pub fn region(area: u16) -> Option<&'static str> {
        find(area).map(|found| found.region)
    }

    /// Country of an area code by its ISO code of two letters. The territories of the United States count as `"US"`.
    pub fn country(area: u16) -> Option<&'static str> {
        find(area).map(|found| found.country)
    }

    /// All geographic area codes in ascending order.
    pub fn all() -> impl Iterator<Item = u16> {
        AREA_CODES.iter().map(|entry| entry.code)
    }
}

fn find(area: u16) -> Option<&'static AreaCode> {
    let place = AREA_CODES.binary_search_by_key(&area, |entry| entry.code).ok()?;
    AREA_CODES.get(place)
}

/// What may be done with the numbers of an area code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Geographic,
    TollFree,
    Premium,
    /// Personal numbers, machines, satellite and government services.
    Placeless,
    Unassigned,
}

pub(super) fn kind(area: u16) -> Kind {
    match area {
        800 | 833 | 844 | 855 | 866 | 877 | 888 => Kind::TollFree,
        900 => Kind::Premium,
        _ if find(area).is_some() => Kind::Geographic,
        511 | 555 => Kind::Unassigned,
        500..=599 | 600 | 622 | 633 | 644 | 655 | 677 | 688 | 700 | 710 => Kind::Placeless,
        _ => Kind::Unassigned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(area: u16) -> &'static [&'static str] {
        AreaCode::zones(area).unwrap_or_default()
    }

    #[test]
    fn the_table_is_sorted_and_its_codes_have_the_form_of_area_codes() {
        assert!(AREA_CODES.is_sorted_by(|a, b| a.code < b.code));
        for entry in &AREA_CODES {
            assert!((200..=999).contains(&entry.code), "{}", entry.code);
            assert_ne!(entry.code / 10 % 10, 9, "{}", entry.code);
            assert_ne!(entry.code % 100, 11, "{}", entry.code);
            assert_eq!(kind(entry.code), Kind::Geographic, "{}", entry.code);
            assert!(!entry.zones.is_empty());
        }
    }

    #[test]
    fn every_zone_is_known_to_the_zone_database() {
        for entry in &AREA_CODES {
            for zone in entry.zones {
                assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
            }
        }
    }

    #[test]
    fn area_codes_with_two_clocks_have_two_zones() {
        for (area, first, second) in [
            (850, "America/Chicago", "America/New_York"),
            (448, "America/Chicago", "America/New_York"),
            (812, "America/New_York", "America/Chicago"),
            (930, "America/New_York", "America/Chicago"),
            (219, "America/Chicago", "America/New_York"),
            (574, "America/New_York", "America/Chicago"),
            (270, "America/Chicago", "America/New_York"),
            (906, "America/New_York", "America/Chicago"),
            (423, "America/New_York", "America/Chicago"),
            (605, "America/Chicago", "America/Denver"),
            (701, "America/Chicago", "America/Denver"),
            (308, "America/Chicago", "America/Denver"),
            (208, "America/Boise", "America/Los_Angeles"),
            (541, "America/Los_Angeles", "America/Boise"),
            (928, "America/Phoenix", "America/Denver"),
            (907, "America/Anchorage", "America/Adak"),
        ] {
            assert_eq!(zones(area), [first, second], "{area}");
        }
    }

    #[test]
    fn arizona_hawaii_and_the_territories_keep_their_own_clocks() {
        for (area, region, zone) in [
            (480, "AZ", "America/Phoenix"),
            (520, "AZ", "America/Phoenix"),
            (602, "AZ", "America/Phoenix"),
            (623, "AZ", "America/Phoenix"),
            (808, "HI", "Pacific/Honolulu"),
            (787, "PR", "America/Puerto_Rico"),
            (939, "PR", "America/Puerto_Rico"),
            (340, "VI", "America/St_Thomas"),
            (671, "GU", "Pacific/Guam"),
            (670, "MP", "Pacific/Saipan"),
            (684, "AS", "Pacific/Pago_Pago"),
        ] {
            assert_eq!(zones(area), [zone], "{area}");
            assert_eq!(AreaCode::region(area), Some(region));
            assert_eq!(AreaCode::country(area), Some("US"));
        }
    }

    #[test]
    fn every_state_territory_and_province_is_there() {
        let mut regions: Vec<&str> = AREA_CODES.iter().filter(|entry| entry.country == "US").map(|entry| entry.region).collect();
        regions.sort_unstable();
        regions.dedup();
        assert_eq!(regions.len(), 50 + 1 + 5);
        for (area, region) in [
            (212, "NY"),
            (202, "DC"),
            (203, "CT"),
            (310, "CA"),
            (307, "WY"),
            (416, "ON"),
            (514, "QC"),
            (709, "NL"),
            (876, "JAM"),
            (809, "DOM"),
            (345, "CYM"),
            (664, "MSR"),
        ] {
            assert_eq!(AreaCode::region(area), Some(region));
        }
    }

    #[test]
    fn overlays_share_the_clocks_of_the_area_they_cover() {
        for (one, other) in [
            (850, 448),
            (812, 930),
            (270, 364),
            (423, 729),
            (541, 458),
            (208, 986),
            (250, 672),
            (418, 581),
            (306, 474),
            (709, 879),
            (902, 782),
        ] {
            assert_eq!(zones(one), zones(other), "{one} {other}");
        }
    }

    #[test]
    fn a_code_of_no_place_has_no_zone() {
        for area in [0, 199, 211, 500, 555, 800, 888, 900, 999, 1212, u16::MAX] {
            assert_eq!(AreaCode::zones(area), None, "{area}");
        }
    }
}
