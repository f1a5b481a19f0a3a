package io.concordcache.annotations.cdi;

class ArcTest extends AnnotationsContract {
    @Override
    Container container() {
        return Container.ARC;
    }
}
