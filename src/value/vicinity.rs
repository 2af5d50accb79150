//! Distances on the globe.

use super::Decimal;

/// All places within some distance of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Vicinity {
    /// Degrees north, −90 to 90.
    pub(crate) latitude: Decimal,
    /// Degrees east, −180 to 180.
    pub(crate) longitude: Decimal,
    /// Kilometres, not negative.
    pub(crate) distance: Decimal,
}

/// A [`Vicinity`] to measure in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    latitude: f64,
    longitude: f64,
    /// Kilometres.
    distance: f64,
}

/// The mean radius (2a + b) / 3 of the ellipsoid of WGS 84.
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

impl Vicinity {
    /// Kilometres of a statute mile.
    pub(crate) const MILE: Option<Decimal> = Decimal::new(1_609_344, 6);

    /// The square of half the chord of the distance on a globe of radius 1: `sin²(distance / 2R)`; `None` where no place is
    /// farther away.
    #[cfg(feature = "sql")]
    pub(crate) fn half_chord_squared(&self) -> Option<f64> {
        let half_angle = self.distance.to_f64() / (2.0 * EARTH_RADIUS_KM);
        // Half of the circumference, and more than all roundings.
        let farthest = std::f64::consts::FRAC_PI_2 * (1.0 + 1e-9);
        (half_angle < farthest).then(|| {
            let sine = libm::sin(half_angle);
            sine * sine
        })
    }

    pub(crate) fn reach(&self) -> Reach {
        Reach {
            latitude: self.latitude.to_f64(),
            longitude: self.longitude.to_f64(),
            distance: self.distance.to_f64(),
        }
    }
}

impl Reach {
    /// Whether a place lies within it, the edge included; in degrees.
    pub(crate) fn holds(&self, latitude: f64, longitude: f64) -> bool {
        distance_km((self.latitude, self.longitude), (latitude, longitude)) <= self.distance
    }
}

/// The great-circle distance of two places by the haversine formula (R. W. Sinnott, Sky & Telescope 68, 1984), in
/// kilometres. The functions are those of `libm`, so every platform says the same.
fn distance_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let half_sine_squared = |degrees: f64| {
        let sine = libm::sin(degrees.to_radians() / 2.0);
        sine * sine
    };
    let cosines = libm::cos(from.0.to_radians()) * libm::cos(to.0.to_radians());
    let a = half_sine_squared(to.0 - from.0) + cosines * half_sine_squared(to.1 - from.1);
    // Rounding may carry the far side of the globe beyond 1.
    let a = a.clamp(0.0, 1.0);
    2.0 * EARTH_RADIUS_KM * libm::atan2(libm::sqrt(a), libm::sqrt(1.0 - a))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-6
    }

    #[test]
    fn arcs_along_great_circles_are_fractions_of_the_circumference() {
        // π × 6,371.0088 km.
        let half = 20_015.114_442_035_923;
        for (from, to, expected) in [
            ((0.0, 0.0), (0.0, 180.0), half),
            ((0.0, 0.0), (0.0, 1.0), half / 180.0),
            ((90.0, 0.0), (0.0, 77.0), half / 2.0),
            ((45.0, 10.0), (-45.0, -170.0), half),
            ((0.0, 179.9), (0.0, -179.9), half / 900.0),
            ((89.9, 0.0), (89.9, 180.0), half / 900.0),
            ((90.0, 0.0), (90.0, 123.0), 0.0),
        ] {
            assert!(close(distance_km(from, to), expected), "{from:?} {to:?}");
        }
    }

    /// The first is the example that the haversine formula is shown with all over the world (Nashville to Los Angeles,
    /// 2,887.26 km with a radius of 6,372.8 km); all were calculated as the angle between two vectors.
    #[test]
    fn cities_are_as_far_apart_as_vectors_say() {
        for (from, to, expected) in [
            ((36.12, -86.67), (33.94, -118.40), 2_886.448_429_764_855_5),
            ((59.33, 18.06), (55.6, 13.0), 513.105_791_661_937_9),
            ((-33.86, 151.21), (51.51, -0.13), 16_993.249_977_470_958),
        ] {
            assert!(close(distance_km(from, to), expected), "{from:?} {to:?}");
        }
    }

    #[test]
    fn the_edge_is_in() {
        let number = |text: &str| text.parse().unwrap();
        let here = |distance| Vicinity {
            latitude: number("59.33"),
            longitude: number("-18.06"),
            distance,
        };
        assert!(here(number("0")).reach().holds(59.33, -18.06));
        assert!(!here(number("0")).reach().holds(59.330_001, -18.06));
        assert!(here(number("25")).reach().holds(59.5, -18.06));
        assert!(!here(number("18.9")).reach().holds(59.5, -18.06));
        assert!(here(number("18.91")).reach().holds(59.5, -18.06));
    }

    proptest! {
        #[test]
        fn a_distance_is_one_both_ways(
            a in (-90.0..=90.0, -180.0..=180.0),
            b in (-90.0..=90.0, -180.0..=180.0),
        ) {
            let there = distance_km(a, b);
            prop_assert_eq!(there.to_bits(), distance_km(b, a).to_bits());
            prop_assert!((0.0..=20_015.12).contains(&there));
            prop_assert_eq!(distance_km(a, a), 0.0);
        }
    }
}
