package io.concordcache.raft.marshal;

import static io.concordcache.raft.marshal.Samples.marshaller;
import static io.concordcache.raft.marshal.Samples.roundTrip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.marshal.Samples.Animal;
import io.concordcache.raft.marshal.Samples.Basket;
import io.concordcache.raft.marshal.Samples.Bone;
import io.concordcache.raft.marshal.Samples.Circle;
import io.concordcache.raft.marshal.Samples.Colour;
import io.concordcache.raft.marshal.Samples.Dog;
import io.concordcache.raft.marshal.Samples.Drawing;
import io.concordcache.raft.marshal.Samples.Gadget;
import io.concordcache.raft.marshal.Samples.Holder;
import io.concordcache.raft.marshal.Samples.Order;
import io.concordcache.raft.marshal.Samples.Point;
import io.concordcache.raft.marshal.Samples.Shape;
import io.concordcache.raft.marshal.Samples.Square;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassFilterTest {
    private static final String HERE = "io.concordcache.raft.marshal";

    @Test
    void nothingOfTheApplicationIsAllowedUnasked() {
        for (ClassFilter filter : List.of(
                ClassFilter.forTypes(),
                ClassFilter.forTypes(Object.class, Serializable.class),
                ClassFilter.forTypes(Comparable.class, List.class, Map.class))) {
            assertThat(filter.allows(Point.class)).isFalse();
            assertThat(filter.allows(Gadget[].class)).isFalse();
            assertThat(filter.allows(String.class)).isTrue();
            assertThat(filter.allows(int[][].class)).isTrue();
            assertThat(filter.allows(HashMap.class)).isTrue();
        }
    }

    @Test
    void declaredTypesBringTheirFields() {
        ClassFilter filter = ClassFilter.forTypes(Order.class, Basket[].class);
        assertThat(List.of(Order.class, Basket.class, Point.class, Colour.class, Point[][].class))
                .allMatch(filter::allows);
        assertThat(filter.allows(Bone.class)).isFalse();
    }

    @Test
    void declaredTypesBringTypeArgumentsArraysAndSealedSubclasses() {
        ClassFilter filter = ClassFilter.forTypes(Drawing.class);
        assertThat(List.of(Bone.class, Shape.class, Circle.class, Square.class)).allMatch(filter::allows);
        assertThat(ClassFilter.forTypes(Shape.class).allows(Circle.class)).isTrue();
    }

    static class Points extends ArrayList<Point> {}

    static class SubPoints extends Points {}

    @Test
    void declaredTypesBringTheirSuperclasses() {
        ClassFilter filter = ClassFilter.forTypes(SubPoints.class);
        assertThat(List.of(Points.class, Point.class)).allMatch(filter::allows);
        SubPoints points = new SubPoints();
        points.add(new Point(1, 2));
        assertThat(roundTrip(marshaller(SubPoints.class), points)).isEqualTo(points);
    }

    @Test
    void subtypesAreAllowedOfTheDeclaredTypeOnly() {
        assertThat(ClassFilter.forTypes(Animal.class).allows(Dog.class)).isTrue();
        ClassFilter byField = ClassFilter.forTypes(Zoo.class);
        assertThat(byField.allows(Animal.class)).isTrue();
        assertThat(byField.allows(Dog.class)).isFalse();
        assertThat(ClassFilter.forTypes(Object.class).allows(Dog.class)).isFalse();
    }

    record Zoo(Animal animal) implements Serializable {}

    @Test
    void jdkClassesAreNotAllowedAsFields() {
        assertThat(ClassFilter.forTypes(WithUrl.class).allows(java.net.URL.class))
                .isFalse();
        assertThat(ClassFilter.forTypes(java.net.URL.class).allows(java.net.URL.class))
                .isTrue();
    }

    record WithUrl(java.net.URL url) implements Serializable {}

    @Test
    void patternsNameAClassAPackageOrATree() {
        ClassFilter exact = ClassFilter.of(List.of(HERE + ".Samples$Point"));
        assertThat(exact.allows(Point.class)).isTrue();
        assertThat(exact.allows(Bone.class)).isFalse();
        assertThat(ClassFilter.of(List.of(HERE + ".*")).allows(Bone.class)).isTrue();
        assertThat(ClassFilter.of(List.of(HERE + ".**")).allows(Bone.class)).isTrue();
        assertThat(ClassFilter.of(List.of("io.concordcache.**")).allows(Bone.class))
                .isTrue();
        assertThat(ClassFilter.of(List.of("**")).allows(Bone.class)).isTrue();
        for (String other :
                List.of("io.concordcache.raft.*", "io.concordcache.raft.mars.**", "io.concord.**", "marshal.*")) {
            assertThat(ClassFilter.of(List.of(other)).allows(Bone.class)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "*",
                "***",
                ".",
                ".*",
                ".**",
                "com.*.Foo",
                "com.acme*",
                "com.acme.",
                "com/acme/Foo",
                "!com.acme.**",
                "com.acme.Foo;",
                "com.acme.Foo,com.acme.Bar",
                " com.acme.Foo",
                "com..acme",
                "com.acme.***"
            })
    void anythingElseIsNoPattern(String pattern) {
        assertThatThrownBy(() -> ClassFilter.of(List.of("com.acme.Good", pattern)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("concord.serialization.allow: \"" + pattern + "\"")
                .hasMessageContaining("com.acme.**");
    }

    @Test
    void refusalSaysWhatToSet() {
        assertThatThrownBy(() -> marshaller().marshal(new Holder(1)))
                .isInstanceOf(MarshalException.class)
                .hasMessage("class io.concordcache.raft.marshal.Samples$Holder is not allowed in cache keys and values;"
                        + " if it is plain data, add it to the setting concord.serialization.allow (for example"
                        + " concord.serialization.allow=io.concordcache.raft.marshal.Samples$Holder)");
    }
}
